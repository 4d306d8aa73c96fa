"""What of a row of LiteLLM_SpendLogs is saved: all that the reader reads, and no words of anybody.

The table may hold prompts and answers; of them stay lengths, counts and how they ended.
"""

from typing import Any, Final

import msgspec

LEFT_OUT: Final = ("messages", "response", "proxy_server_request", "requester_ip_address")
SPEECH: Final = frozenset(("speech", "aspeech"))
# Where callers leave who they are.
OF_REQUEST: Final = ("tags", "metadata", "litellm_metadata")
OF_RESPONSE: Final = (
    *("model", "service_tier", "stop_reason", "usage", "usageMetadata"),
    *("duration", "usage_info"),
)
OF_OUTPUT: Final = ("type", "status", "container_id")

_ROW: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


def saved_row(row: bytes) -> bytes:
    """A line of JSON. Rows are equal where nothing that is saved of them changed."""
    columns = _ROW.decode(row)
    said: dict[str, Any] = {name: columns.get(name) for name in LEFT_OUT}
    kept: dict[str, Any] = {name: v for name, v in columns.items() if name not in LEFT_OUT}
    if request := _kept(_object(said["proxy_server_request"]), OF_REQUEST):
        kept["proxy_server_request"] = request
    if response := _response(_object(said["response"])):
        kept["response"] = response
    if _any(columns.get("call_type")) in SPEECH:
        kept["messages"] = "." * _characters(_any(said["messages"]))
    return msgspec.json.encode(kept)


def _response(response: dict[str, Any]) -> dict[str, Any]:
    kept = _kept(response, OF_RESPONSE)
    if choices := _list(response.get("choices")):
        kept["choices"] = [_kept(_dict(each), ("finish_reason",)) for each in choices]
    if output := _list(response.get("output")):
        kept["output"] = [_item(_dict(each)) for each in output]
    if data := _list(response.get("data")):
        kept["data"] = [None] * len(data)
    return kept


def _item(item: dict[str, Any]) -> dict[str, Any]:
    action = _kept(_dict(item.get("action")), ("type",))
    return _kept(item, OF_OUTPUT) | ({"action": action} if action else {})


def _kept(held: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: held[name] for name in names if held.get(name) is not None}


def _object(literal: msgspec.Raw | None) -> dict[str, Any]:
    """Of a JSON column, also where the JSON stands in it as a text."""
    value = _any(literal)
    return _dict(_any(value.encode()) if isinstance(value, str) else value)


def _any(literal: bytes | msgspec.Raw | None) -> Any:
    """Nothing where no decoder takes it: what is saved of it can be done without."""
    try:
        return None if literal is None else _ANY.decode(literal)
    except (msgspec.DecodeError, RecursionError):
        return None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _characters(messages: Any) -> int:
    """Of the text to speak."""
    texts = [messages, *(_dict(each).get("content") for each in _list(messages))]
    return sum(len(text) for text in texts if isinstance(text, str))
