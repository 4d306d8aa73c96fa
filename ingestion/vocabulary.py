"""The words that ingestion and the warehouse share: meters, owner dimensions, fields and causes.

This is their one place. Settings, contracts, readers and CSVs read them here; dbt has them as
variables (`dbt_words`), whose defaults in dbt_project.yml a test holds equal. A module of its own
that imports nothing of ours, so that the contracts can stand on it as well as the settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

TOKEN: Final = "token"
# The fee of an answered request: priced and billed like a meter, counted by no log.
FEE: Final = "requests"


@dataclass(frozen=True, slots=True)
class Meter:
    """`unit`: a key of UNITS. `side`: meters of one side of a request can stand for each other (a
    meter shift). `tokens_of`: the meter of the same thing's tokens, where they are counted too.
    """

    unit: str = TOKEN
    side: str | None = None
    tokens_of: str | None = None


# Disjoint: a token is counted by exactly one of them. Reasoning tokens are part of output. Pieces,
# seconds and characters are what their names say.
METERS: Final[Mapping[str, Meter]] = MappingProxyType(
    {
        "input": Meter(side="input"),
        "cache_read": Meter(side="input"),
        "cache_write_5m": Meter(side="input"),
        "cache_write_1h": Meter(side="input"),
        "output": Meter(),
        "audio_input": Meter(),
        "audio_output": Meter(),
        "image_input": Meter(),
        "image_output": Meter(),
        "images": Meter("image", tokens_of="image_output"),
        "web_searches": Meter("search"),
        "file_searches": Meter("search"),
        "code_sessions": Meter("session"),
        "audio_seconds": Meter("second", tokens_of="audio_input"),
        "video_seconds": Meter("second"),
        "characters": Meter("character", tokens_of="audio_output"),
        "pages": Meter("page"),
    }
)
TOKEN_METERS: Final = tuple(name for name, meter in METERS.items() if meter.unit == TOKEN)
PIECE_METERS: Final = tuple(name for name, meter in METERS.items() if meter.unit != TOKEN)
PRICED: Final = (*METERS, FEE)

# What a trace says of where a call stands: the run of an agent, and the names around it.
RUN_PLACES: Final = ("run", "agent", "workflow", "step", "tool")
# Where a log sees a call. Of one that several sources log the record of the first of these stands.
SEEN_FROM: Final = ("gateway", "router", "provider", "application")

# How bills call a unit (`consumed_unit`; thousands, minutes and hours are gone by then). A tool's
# calls are what it is counted in, and a bill may leave their unit out.
UNITS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        TOKEN: ("tokens",),
        "image": ("images",),
        "search": ("searches", "calls", "requests", "queries", ""),
        "session": ("sessions", "containers", "calls", "requests", ""),
        "second": ("seconds",),
        "character": ("characters",),
        "page": ("pages",),
        "request": ("requests", "calls"),
    }
)


@dataclass(frozen=True, slots=True)
class OwnerDimension:
    """`places`: where its owner is found unless tollbook.yaml says so. `credential`: its column of
    credentials.csv; `customer`: customers.csv has a column of its name. `accountable`: it answers
    for money. Keys of another one are withheld, and what has none gets a rule proposed.
    """

    places: tuple[str, ...]
    credential: str | None = None
    customer: bool = False
    accountable: bool = False


OWNERS: Final[Mapping[str, OwnerDimension]] = MappingProxyType(
    {
        "feature": OwnerDimension(
            ("tag:feature", "metadata:feature", "rule", "credential"),
            credential="feature",
            accountable=True,
        ),
        "team": OwnerDimension(
            ("tag:team", "metadata:team", "gateway_team", "rule", "credential"),
            credential="team_id",
            accountable=True,
        ),
        "tier": OwnerDimension(
            ("tag:tier", "metadata:tier", "metadata:customer_tier", "customer:tier", "rule"),
            customer=True,
        ),
        "environment": OwnerDimension(
            (
                *("tag:env", "tag:environment", "metadata:env", "metadata:environment"),
                *("rule", "credential"),
            ),
            credential="environment",
        ),
        "plan": OwnerDimension(
            ("tag:plan", "metadata:plan", "customer:plan", "rule"), customer=True
        ),
    }
)
# Money is split by team first: that is what is posted.
TEAM_FIRST: Final = ("team", *(name for name in OWNERS if name != "team"))
# Column of credentials.csv -> the owner dimension of the names in it; and of customers.csv.
CREDENTIAL_OWNERS: Final[Mapping[str, str]] = MappingProxyType(
    {OWNERS[name].credential or "": name for name in TEAM_FIRST if OWNERS[name].credential}
)
CUSTOMER_OWNERS: Final = tuple(name for name, owner in OWNERS.items() if owner.customer)
ACCOUNTABLE_OWNERS: Final = tuple(name for name, owner in OWNERS.items() if owner.accountable)

# What a rule can match, and which column it is: of a request for attribution_rules.csv, of an
# allocation for shared_costs.csv, of logged usage for the scopes of commitments.csv.
REQUEST_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gateway": "source",
        "key": "gateway_key_id",
        "key_alias": "gateway_key_alias",
        "gateway_team": "gateway_team",
        "gateway_team_alias": "gateway_team_alias",
        "user": "user_id",
        "customer": "customer_id",
        "session": "session_id",
        "trace": "trace_id",
        "run": "run_id",
        "agent": "agent",
        "workflow": "workflow",
        "step": "step",
        "tool": "tool",
        "deployment": "deployment_id",
        "route": "route",
        "operation": "operation",
        "prompt_version": "prompt_version",
        "provider": "provider",
        "account": "billing_account",
        "sub_account": "sub_account",
        "credential": "credential_id",
        "region": "region",
        "service_tier": "service_tier",
        "model": "model",
        "model_requested": "model_requested",
    }
)
ALLOCATION_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "residual_cause": "residual_cause",
        "charge": "charge_description",
        "provider": "provider",
        "account": "billing_account",
        "sub_account": "sub_account",
        "credential": "credential_id",
        "model": "model",
        "meter": "meter",
        **{name: name for name in OWNERS},
    }
)
USAGE_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "billing_account",
        "sub_account": "sub_account",
        "credential": "credential_id",
        "region": "region",
        "service_tier": "service_tier",
        "model": "model",
        "meter": "meter",
    }
)

# Service tiers of the contract; where no list has a price, a glob of contracts.csv stands for them.
SERVICE_TIERS: Final = ("standard", "batch", "flex", "priority", "fast", "provisioned")

# Why billed money has no request: one column each of the reconciliation marts.
RESIDUAL_CAUSES: Final = (
    *("outside_gateway", "unlogged_usage", "non_token", "idle_capacity", "unused_commitment"),
    *("seats", "idle_seats", "overage", "expired_credits"),
    *("tax", "credit", "fee", "rounding", "timing", "unparsed"),
)
# Why a closed month's money is other than its ledger has it.
CORRECTION_REASONS: Final = (
    *("late_log", "restated_bill", "credit_note", "exchange_rate", "price", "rule", "owner"),
    "method",
)
# What leaves of a team's money, from a statement to a journal: one after the other.
PHASES: Final = ("showback", "soft", "hard")
# Why a gateway's claim differs from the list price: one column each of mart_gateway_drift_daily.
DRIFT_CAUSES: Final = (
    *("cache_counted_twice", "cache_at_input_price", "cache_not_charged"),
    *("one_hour_price_missing", "batch", "service_tier", "context_band", "region_price_missing"),
    *("tools_not_charged", "response_cache_hit", "no_usage", "unpriced", "gateway_unpriced"),
    *("estimated_tokens", "contracted_price", "rounding", "other"),
)


def dbt_words() -> dict[str, Any]:
    """The variables of dbt; `attribution` is what a workspace says nothing else of."""
    units = {name: meter.unit for name, meter in METERS.items() if meter.unit != TOKEN}
    return {
        "meters": list(METERS),
        "meter_units": {**units, FEE: "request"},
        "meter_sides": {name: meter.side for name, meter in METERS.items() if meter.side},
        "counted_as_tokens": {
            name: meter.tokens_of for name, meter in METERS.items() if meter.tokens_of
        },
        "billed_units": {unit: list(names) for unit, names in UNITS.items()},
        "attribution": {name: list(owner.places) for name, owner in OWNERS.items()},
        "credential_owners": dict(CREDENTIAL_OWNERS),
        "customer_owners": list(CUSTOMER_OWNERS),
        "accountable_owners": list(ACCOUNTABLE_OWNERS),
        "request_fields": dict(REQUEST_FIELDS),
        "allocation_fields": dict(ALLOCATION_FIELDS),
        "usage_fields": dict(USAGE_FIELDS),
        "service_tiers": list(SERVICE_TIERS),
        "residual_causes": list(RESIDUAL_CAUSES),
        "drift_causes": list(DRIFT_CAUSES),
        "phases": list(PHASES),
        "seen_from": list(SEEN_FROM),
        "run_places": list(RUN_PLACES),
    }
