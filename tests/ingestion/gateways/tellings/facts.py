"""What of a call is compared: as planned, and as a reader landed it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from ingestion.records import Row
from ingestion.vocabulary import METERS
from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call

Facts = dict[str, Any]
QUANTITIES: Final = tuple(METERS)
COUNTS: Final = (*QUANTITIES, "reasoning")
# before a tier of which nobody knows whether it served
ASKED: Final = "asked for: "
OWNERS: Final = ("feature", "team")


def planned(call: Call) -> Facts:
    return {
        **{meter: call.of(meter) for meter in QUANTITIES},
        "reasoning": call.of("reasoning"),
        # an answer whose use nobody told is unknown, and not nothing
        "usage": "unknown" if call.ending == UNTOLD else "told",
        "started": call.started,
        "latency": float(call.latency_ms),
        "provider": call.provider,
        "model": call.model.name,
        "operation": call.model.operation,
        "tier": call.tier,
        "stream": call.stream,
        "status": "error" if call.ending == REFUSED else "success",
        # most logs have a status of failures alone
        "http": call.http_status if call.ending == REFUSED else None,
        "response": None if call.ending == REFUSED else call.response_id,
        "call": call.call_id,
        "attempt": call.attempt,
        "session": call.session,
        "user": call.user,
        "customer": call.customer,
        "feature": call.feature,
        "team": call.team,
    }


def landed(row: Row, call: Call) -> Facts:
    """A value that the row lacks is None; a count that it lacks is 0 unless its use is unknown."""
    ids = (row["request_id"], row["provider_request_id"])
    is_unknown = row["input_quantity"] is None and row["output_quantity"] is None
    usage = "unknown" if is_unknown else "estimated" if row["tokens_estimated"] else "told"
    # a cloud has an id of what it refused, too
    is_answer = call.ending != REFUSED and call.response_id in ids
    said, asked = json.loads(row["attributes"]), row["service_tier_asked"]
    return {
        **{meter: row[f"{meter}_quantity"] or 0 for meter in QUANTITIES},
        "reasoning": row["reasoning_tokens"] or 0,
        "usage": usage,
        "started": row["started_at"],
        "latency": row["latency_ms"],
        "provider": row["provider"],
        "model": _model(row),
        "operation": row["operation"],
        "tier": row["service_tier"] or (asked and f"{ASKED}{asked}"),
        "stream": row["stream"],
        "status": row["status"],
        "http": row["http_status"] if row["http_status"] != 200 else None,
        "response": call.response_id if is_answer else None,
        "call": row["call_id"] if row["call_id"] == call.call_id else None,
        "attempt": row["attempt_no"],
        "session": row["session_id"],
        # of an ARN its last part
        "user": (row["user_id"] or "").rpartition("/")[2] or None,
        "customer": row["customer_id"],
        **{owner: _owner(owner, said, row) for owner in OWNERS},
    }


def _model(row: Row) -> str | None:
    """Without the path that Google's models have."""
    name = row["model_served"] or row["model_routed"] or row["model_requested"]
    return name and name.removeprefix("publishers/google/models/")


def _owner(owner: str, said: Mapping[str, Mapping[str, Any]], row: Row) -> Any:
    """By any of the places that tollbook.yaml can name."""
    places = (
        *(said.get(group, {}).get(owner) for group in ("tags", "metadata")),
        said.get("headers", {}).get(f"x-{owner}"),
        *(row["gateway_team_alias"], row["gateway_team"])[: 2 if owner == "team" else 0],
    )
    return next((place for place in places if place), None)
