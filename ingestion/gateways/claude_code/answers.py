"""Which line of a transcript stands for an answer that several lines tell.

Claude Code writes a line for each block of an answer, and each repeats the answer's id and its
usage so far. The line with most output stands, of equal ones the last; the answer starts with its
first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Struct

from ingestion.gateways.claude_code.said import SYNTHETIC
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import json_records

ANSWER: Final = "assistant"
SYSTEM: Final = "system"
FAILED_TRY: Final = "api_error"
# The answer's id, and that of its request where there is one.
Ids = tuple[str, str]


class _Usage(Struct):
    output_tokens: Any = None


class _Message(Struct):
    id: Any = None
    model: Any = None
    usage: _Usage | None = None


class _Part(Struct, rename="camel"):
    """What tells of a line whether it is a call, and of which answer it is a part."""

    type: Any = None
    subtype: Any = None
    timestamp: Any = None
    request_id: Any = None
    is_api_error_message: Any = None
    message: _Message | None = None


@dataclass(slots=True)
class Answer:
    started: str
    standing: int  # where its line stands in the object
    output: int


Answers = Mapping[Ids, Answer]
_PART: Final = msgspec.json.Decoder(_Part, float_hook=json_number)


def answers_of(content: Decompressed) -> Answers:
    """Of each answer no more is held than where it stands."""
    found: dict[Ids, Answer] = {}
    lines, _ = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        part = _part(line)
        ids = _ids(part) if part else None
        if part is None or ids is None or not isinstance(part.timestamp, str):
            continue
        usage = part.message.usage if part.message else None
        output = usage.output_tokens if usage and isinstance(usage.output_tokens, int) else -1
        known = found.get(ids)
        if known is None:
            found[ids] = Answer(part.timestamp, offset, output)
        elif output >= known.output:
            known.standing, known.output = offset, output
    return found


def answer_ids(kind: Any, answer: Any, request: Any) -> Ids | None:
    """None for a line that is no part of an answer with an id."""
    if kind != ANSWER or not isinstance(answer, str):
        return None
    return answer, request if isinstance(request, str) else ""


def is_foreign(line: bytes, offset: int, answers: Answers) -> bool:
    """Whether a line tells no call, or an answer that another line tells better."""
    part = _part(line)
    if part is None or not isinstance(part.type, str):
        return False
    if part.type != ANSWER:
        return part.type != SYSTEM or part.subtype != FAILED_TRY
    ids = _ids(part)
    if ids is not None and ids in answers and answers[ids].standing != offset:
        return True
    # an answer that Claude Code made up itself, and that tells no error
    is_made_up = part.message is not None and part.message.model == SYNTHETIC
    return is_made_up and part.is_api_error_message is not True


def _ids(part: _Part) -> Ids | None:
    return answer_ids(part.type, part.message.id if part.message else None, part.request_id)


def _part(line: bytes) -> _Part | None:
    """None for a line that cannot be read so: whoever reads all of it says why."""
    try:
        return _PART.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
