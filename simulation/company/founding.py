"""Founds a company: every name, key, customer and tag spelling comes from the seed."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from simulation.company.catalog import (
    Company,
    Contract,
    Customer,
    Deployment,
    Feature,
    GatewayKey,
    Route,
    Spelling,
    Team,
)
from simulation.company.cloud_places import bill_formats, open_clouds
from simulation.company.industries import Industry
from simulation.company.provider_accounts import (
    ANALYTICS_DISCOUNT_PERCENT,
    deploy,
    hand_out_outside_keys,
    open_sub_accounts,
)
from simulation.company.random_names import word
from simulation.company.traffic_profiles import PROFILES

ENVIRONMENTS: Final = (("prod", 0.9), ("staging", 0.06), ("dev", 0.04))
ENTERPRISE_CUSTOMERS: Final = 24
FREE_CUSTOMERS: Final = 60
CONTRACT_DISCOUNT_PERCENT: Final = 10


def found_company(
    industry: Industry,
    rng: Random,
    start: date,
    end: date,
    undeclared_percent: int = ANALYTICS_DISCOUNT_PERCENT,
    clouds: Iterable[str] = (),
) -> Company:
    """The company as it is from `start` to `end` (exclusive)."""
    formats = bill_formats(clouds)
    teams = _teams(industry, rng)
    sub_accounts = open_sub_accounts(industry, rng, undeclared_percent)
    deployments = deploy(sub_accounts, rng)
    company = Company(
        name=industry.company,
        slug=industry.slug,
        teams=teams,
        features=_features(industry, teams, deployments),
        sub_accounts=tuple(dict.fromkeys(sub_accounts.values())),
        deployments=tuple(deployments.values()),
        keys=_gateway_keys(industry, teams, rng),
        enterprise_customers=_customers("enterprise", ENTERPRISE_CUSTOMERS, rng, start, end),
        free_customers=_customers("free", FREE_CUSTOMERS, rng, start, end),
        sandbox_customer=Customer(f"cust-{word(rng, 6)}-sandbox", "free", "internal"),
        contract=Contract(
            "anthropic", "claude-haiku-4-5", CONTRACT_DISCOUNT_PERCENT, _next_month(start)
        ),
        outside_keys=hand_out_outside_keys(sub_accounts, deployments, teams, rng),
        tag_separator=rng.choice(":="),
        environment_tag=rng.choice(("env", "environment")),
        spellings=_spellings(industry, rng),
    )
    return _in_clouds(company, industry, deployments, formats, rng) if formats else company


def _in_clouds(
    company: Company,
    industry: Industry,
    deployments: dict[str, Deployment],
    formats: dict[str, str],
    rng: Random,
) -> Company:
    """The same company after some of its models moved to clouds."""
    moved = open_clouds(formats, industry.slug, company.teams, rng)
    deployments = deployments | moved.deployments
    providers = {each.provider for each in deployments.values()}
    outside = (
        tuple(key for key in company.outside_keys if key.deployment.provider in providers)
        + moved.outside_keys
    )
    used = (*deployments.values(), *(key.deployment for key in outside))
    return replace(
        company,
        features=_features(industry, company.teams, deployments),
        sub_accounts=tuple(dict.fromkeys(each.sub_account for each in used)),
        deployments=tuple(deployments.values()),
        outside_keys=outside,
        clouds=formats,
    )


def _teams(industry: Industry, rng: Random) -> tuple[Team, ...]:
    first_cost_center = rng.randrange(1000, 8000)
    return tuple(
        Team(
            team_id,
            name,
            business_unit,
            f"CC-{first_cost_center + 10 * place}",
            f"{team_id}@{industry.slug}.example",
        )
        for place, (team_id, name, business_unit) in enumerate(industry.teams)
    )


def _features(
    industry: Industry, teams: tuple[Team, ...], deployments: dict[str, Deployment]
) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            feature_id=feature_id,
            name=name,
            team=teams[team],
            share=profile.share,
            shape=profile.shape,
            input_scale=profile.input_scale,
            output_scale=profile.output_scale,
            enterprise_share=profile.enterprise_share,
            stream_share=profile.stream_share,
            cached_prompt_share=profile.cached_prompt_share,
            repeat_share=profile.repeat_share,
            routes=tuple(
                Route(
                    route.weight,
                    deployments[route.production],
                    deployments[route.elsewhere],
                    deployments[route.fallback],
                    route.batch_share,
                    # what a cloud calls priority is told by no meter that is known
                    0.0 if deployments[route.production].cloud else route.priority_share,
                )
                for route in profile.routes
            ),
        )
        for (feature_id, name, team), profile in zip(industry.features, PROFILES, strict=True)
    )


def _gateway_keys(
    industry: Industry, teams: tuple[Team, ...], rng: Random
) -> tuple[GatewayKey, ...]:
    """One virtual key per team and environment."""
    return tuple(
        GatewayKey(
            f"{team.team_id}-{environment}",
            hashlib.sha256(word(rng, 24).encode()).hexdigest(),
            team,
            environment,
            f"svc-{team.team_id}@{industry.slug}.example",
        )
        for team in teams
        for environment, _ in ENVIRONMENTS
    )


def _customers(tier: str, count: int, rng: Random, start: date, end: date) -> tuple[Customer, ...]:
    """Customers of one tier; every tenth free one converts to enterprise during the period."""
    plans = ("annual", "monthly") if tier == "enterprise" else ("free", "trial")
    customers = []
    for place in range(count):
        changes_on = None
        if tier == "free" and place % 10 == 3:
            changes_on = start + timedelta(days=1 + rng.randrange(max(1, (end - start).days - 1)))
        customers.append(
            Customer(
                f"cust-{word(rng, 8)}",
                tier,
                rng.choice(plans),
                changes_on,
                epoch_microseconds(changes_on) if changes_on else None,
                "enterprise" if changes_on else "",
                "monthly" if changes_on else "",
            )
        )
    return tuple(customers)


def _spellings(industry: Industry, rng: Random) -> tuple[Spelling, ...]:
    """Three variants that aliases.csv folds and one that it does not, for each feature."""
    found = []
    for feature_id, name, _ in industry.features:
        variants = [name, feature_id.replace("-", "_"), feature_id.replace("-", "").upper()]
        rng.shuffle(variants)
        found += [Spelling("feature", raw, feature_id, True) for raw in variants]
        cut = rng.choice([at for at, letter in enumerate(feature_id) if letter != "-"])
        found.append(
            Spelling("feature", feature_id[:cut] + feature_id[cut + 1 :], feature_id, False)
        )
    return tuple(found)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def epoch_microseconds(day: date) -> int:
    """Midnight UTC of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000
