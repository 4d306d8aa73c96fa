"""The tags that a call carries, and what is wrong with some of them."""

from bisect import bisect
from itertools import accumulate
from random import Random

from simulation.company.catalog import Company, Feature, Spelling
from simulation.company.fault_rates import FaultRates

FAULTS = (
    "without_feature",
    "without_tier",
    "without_any_tag",
    "variant_spelling",
    "unknown_spelling",
)


class TagFaults:
    """Draws what is wrong with a call's tags: (fault, the feature as its tag spells it)."""

    def __init__(self, company: Company, faults: FaultRates, rng: Random) -> None:
        self._rng = rng
        self._bounds = list(accumulate(getattr(faults, name) for name in FAULTS))
        self._spellings = {
            (feature, folded): [
                each
                for each in company.spellings
                if each.value == feature.feature_id and each.folded is folded
            ]
            for feature in company.features
            for folded in (True, False)
        }

    def draw(self, feature: Feature) -> tuple[str, str | None]:
        place = bisect(self._bounds, self._rng.random())
        if place == len(FAULTS):
            return "", feature.feature_id
        fault = FAULTS[place]
        if fault in ("without_feature", "without_any_tag"):
            return fault, None
        if fault == "without_tier":
            return fault, feature.feature_id
        variants: list[Spelling] = self._spellings[feature, fault == "variant_spelling"]
        return fault, self._rng.choice(variants).raw


def tags_of(
    company: Company,
    feature: Feature,
    tier: str,
    environment: str,
    tag_fault: str,
    tag_feature: str | None,
) -> list[str]:
    """The tags as the client sends them."""
    if tag_fault == "without_any_tag":
        return []
    tags = [
        ("feature", tag_feature),
        ("team", feature.team.team_id),
        ("tier", None if tag_fault == "without_tier" else tier),
        (company.environment_tag, environment),
    ]
    return [f"{key}{company.tag_separator}{value}" for key, value in tags if value is not None]
