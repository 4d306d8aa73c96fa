"""Cuts an object of OTLP into its messages: protobuf, or what a collector's file exporter frames.

The exporter writes JSON a line each; protobuf, and whatever it compresses, after four bytes of
length. An object may also be one message of protobuf, as it went over the wire.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from ingestion.reading.records.decompression import ZSTD

LENGTH: Final = 4
# A message of OTLP begins with its first field, `resource_spans`; so may a text, with a new line.
FIRST_FIELD: Final = b"\n"


@dataclass(frozen=True, slots=True)
class Message:
    offset: int
    data: bytes


def is_framed(data: bytes) -> bool:
    """Whether a length and a message of it stand at the beginning."""
    size = int.from_bytes(data[:LENGTH], "big")
    return (
        0 < size <= len(data) - LENGTH
        and data.startswith((FIRST_FIELD, ZSTD), LENGTH)
        # the same bytes as lines: a first line of JSON is no length of a message
        and data[:1] not in (b"{", b"[")
    )


def framed(data: bytes) -> Iterator[Message]:
    """The messages that are whole."""
    at = 0
    while at + LENGTH <= len(data):
        size = int.from_bytes(data[at : at + LENGTH], "big")
        if at + LENGTH + size > len(data):
            return
        yield Message(at + LENGTH, data[at + LENGTH : at + LENGTH + size])
        at += LENGTH + size


def is_protobuf(data: bytes) -> bool:
    """Whether it is one message of protobuf with spans in it."""
    if not data.startswith(FIRST_FIELD):
        return False
    try:
        return bool(TracesData.FromString(data).resource_spans)
    except DecodeError:
        return False
