"""A company that tags nothing: no team at its gateway, and no name that says what a call is for.

What remains is what such a company still has: opaque service keys, sessions, models, and one
platform key that two applications share, each with its own prompt.
"""

import hashlib
from dataclasses import replace
from random import Random
from typing import Final

from simulation.company.catalog import Company, Customer, Feature, GatewayKey, Team
from simulation.company.random_names import word

GOES_ON: Final = 0.75  # a session, after each of its calls


def without_names(company: Company, rng: Random) -> Company:
    """The same company before anybody asked what its calls are for."""
    # the second and fourth team call through one platform key
    platform = (company.teams[1], company.teams[3])
    numbers = rng.sample(range(10, 99), len(company.teams) + len(company.features))
    number = {team: numbers.pop() for team in company.teams}
    number[platform[1]] = number[platform[0]]
    return replace(
        company,
        keys=_opaque_keys(company, number, rng),
        features=tuple(
            replace(feature, prompt_version=f"p-{numbers.pop()}")
            if feature.team in platform
            else feature
            for feature in company.features
        ),
        outside_keys=tuple(replace(outside, team=None) for outside in company.outside_keys),
        spellings=(),
        untagged=True,
    )


def _opaque_keys(company: Company, number: dict[Team, int], rng: Random) -> tuple[GatewayKey, ...]:
    secret = word(rng, 24)
    return tuple(
        replace(
            key,
            alias=f"svc-{number[key.team]}-{key.environment}",
            key_hash=_hash(f"{secret} {number[key.team]} {key.environment}"),
            user_id=f"app-{number[key.team]}@{company.slug}.example",
            names_team=False,
        )
        for key in company.keys
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Sessions:
    """Calls of one feature through one key come in sessions of one customer."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._open: dict[tuple[Feature, GatewayKey], tuple[str, Customer]] = {}

    def join(self, feature: Feature, key: GatewayKey, customer: Customer) -> tuple[str, Customer]:
        """The call's session and its customer, who is `customer` where a session begins."""
        place = feature, key
        if place not in self._open or self._rng.random() >= GOES_ON:
            self._open[place] = f"s-{word(self._rng, 12)}", customer
        return self._open[place]
