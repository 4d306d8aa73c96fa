"""Attributes as OTLP/JSON wraps them: a list of `{"key": "a", "value": {"intValue": "1"}}`."""

from typing import Any

from msgspec import Struct


class Attribute(Struct):
    key: str
    value: dict[str, Any] | None = None


def plain(attributes: list[Attribute] | None) -> dict[str, Any]:
    return {each.key: plain_value(each.value) for each in attributes or () if each.value}


def plain_value(wrapped: Any) -> Any:
    """`{"intValue": "12"}` is 12; None for what is of no known type."""
    if not isinstance(wrapped, dict) or not wrapped:
        return None
    kind, value = next(iter(wrapped.items()))
    if kind == "intValue" and isinstance(value, str) and value.isdecimal() and len(value) < 20:
        return int(value)
    if kind == "arrayValue" and isinstance(value, dict):
        values = value.get("values")
        return [plain_value(each) for each in values] if isinstance(values, list) else []
    if kind == "kvlistValue" and isinstance(value, dict):
        values = value.get("values")
        pairs = [each for each in values if isinstance(each, dict)] if values else []
        return {str(each.get("key")): plain_value(each.get("value")) for each in pairs}
    return value
