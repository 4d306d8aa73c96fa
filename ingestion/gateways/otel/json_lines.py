"""A line of OTLP/JSON, whatever its signal: spans, log records or metrics."""

from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ingestion.gateways.otel.attributes import Attribute
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.unreadable import Unreadable, misfit

SPANS: Final = "resourceSpans"
LOGS: Final = "resourceLogs"
SIGNALS: Final = (SPANS, LOGS, "resourceMetrics")


T = TypeVar("T")


class Resource(Struct):
    attributes: list[Attribute] | None = None


class Lines(Generic[T]):
    """Reads lines of one signal, of whose list `item` is the type."""

    def __init__(self, signal: str, item: type[T]) -> None:
        said: Any = list[item] | UnsetType | None  # type: ignore[valid-type]
        fields = [(each, said if each == signal else Raw | UnsetType, UNSET) for each in SIGNALS]
        self._signal: Final = signal
        self._decoder: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(
            msgspec.defstruct("Line", fields), float_hook=json_number
        )

    def items(self, line: bytes) -> list[T] | None:
        """None for a line of another signal. Raises Unreadable for what is no OTLP."""
        try:
            said = self._decoder.decode(line)
        except msgspec.ValidationError as error:
            raise misfit(error) from None
        except msgspec.DecodeError:
            raise Unreadable(None, "not JSON") from None
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8") from None
        except RecursionError:
            raise Unreadable(None, "nested too deeply") from None
        found: list[T] | UnsetType | None = getattr(said, self._signal)
        if found is not UNSET and found is not None:
            return found
        if all(getattr(said, each) is UNSET for each in SIGNALS if each != self._signal):
            raise Unreadable(None, f'no OTLP: expected `{{"{self._signal}": [...]}}`')
        return None
