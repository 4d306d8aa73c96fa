"""Where a request stands in its session, as one row of `request_context` (decision 92).

`Helicone-Session-Id` is the run, `-Name` the workflow and `-Path` the step: callers write it as
`/research/outline`. What it logs of tools and vector databases has its name from the model's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ingestion.gateways.helicone.record import SESSION
from ingestion.gateways.spans.kinds import CALL, OTHER, RETRIEVAL, TOOL
from ingestion.gateways.spans.values import first_text
from ingestion.reading.landed_text import landed_name_of
from ingestion.records import Row

JOIN_KEY: Final = "helicone"
PLACES: Final = {
    "run": SESSION,
    "workflow": "helicone-session-name",
    "step": "helicone-session-path",
}
TOOL_MODEL: Final = "tool:"
RETRIEVALS: Final = ("vector_db", "vector-db")
# A custom event of a caller.
DATA_MODEL: Final = "data:"
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def kind_of(model: str | None) -> str:
    name = (model or "").lower()
    if name.startswith(TOOL_MODEL):
        return TOOL
    if name in RETRIEVALS:
        return RETRIEVAL
    return OTHER if name.startswith(DATA_MODEL) else CALL


def contexts_of(
    place: str, kind: str, model: str | None, properties: Mapping[str, Any], started: datetime
) -> list[Row]:
    """None where nothing but a session is said: a conversation is no run."""
    said = {
        word: landed_name_of(word, text)
        for word, name in PLACES.items()
        if (text := first_text(properties, (name,)))
    }
    if not said.keys() - {"run"}:
        return []
    said |= {"kind": kind, "session": said["run"]} if "run" in said else {"kind": kind}
    if kind == TOOL and model is not None:
        said["tool"] = landed_name_of("tool", model[len(TOOL_MODEL) :].strip() or TOOL)
    return [
        {
            "join_key": JOIN_KEY,
            "join_value": place,
            "occurred_at": started,
            "attributes": _ENCODER.encode(said).decode(),
        }
    ]
