"""Where spans stand in what is posted to Datadog, or exported of it: each as its bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ingestion.reading.exact_numbers import json_number
from ingestion.reading.unreadable import Unreadable, misfit

NOTHING: Final = Raw(b"")
# Lists of posts, a post, its data, their attributes, their spans.
DEEPEST: Final = 6
# What a post is of that has no spans.
OTHERS: Final = ("evaluation_metric",)


@dataclass(frozen=True, slots=True)
class Around:
    """What a post says of all its spans."""

    ml_app: Any = None
    session: Any = None
    tags: Any = None


# The bytes of a span, and what is around it.
Located = tuple[bytes, Around]


class _Holder(Struct):
    type: Any = None
    span_id: Raw = NOTHING
    spans: Raw = NOTHING
    data: Raw = NOTHING
    attributes: Raw = NOTHING
    ml_app: Any = None
    session_id: Any = None
    tags: Any = None


_HOLDER: Final = msgspec.json.Decoder(_Holder, float_hook=json_number)
_LIST: Final = msgspec.json.Decoder(list[Raw])


def spans_of(
    record: bytes, around: Around | None = None, depth: int = DEEPEST
) -> Iterator[Located]:
    """Of what holds none the record itself, to be refused.

    Raises Unreadable.
    """
    around = around or Around()
    if not depth:
        raise Unreadable(None, "nested too deeply")
    try:
        if record.startswith(b"["):
            for each in _LIST.decode(record):
                yield from spans_of(bytes(each), around, depth - 1)
            return
        holder = _HOLDER.decode(record)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    except RecursionError:
        raise Unreadable(None, "nested too deeply") from None
    inner = next((bytes(each) for each in _inside(holder) if bytes(each)), None)
    if bytes(holder.span_id) or inner is None:
        yield record, around
    elif holder.type not in OTHERS:
        yield from spans_of(inner, _with(holder, around), depth - 1)


def _inside(holder: _Holder) -> tuple[Raw, ...]:
    return holder.spans, holder.data, holder.attributes


def _with(holder: _Holder, around: Around) -> Around:
    return Around(
        ml_app=holder.ml_app or around.ml_app,
        session=holder.session_id or around.session,
        tags=holder.tags or around.tags,
    )
