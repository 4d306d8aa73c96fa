"""What happened that somebody wants to know: an event of some kind, and the facts it consists of.

What leaves the machine has no secret in it and no person: sentences of a run may name both.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ingestion.secret_forms import without_logins

# What a failing check says of its first row, which may be a user's.
FIRST_ROW: Final = "; first: "
LONGEST: Final = 500
_MAIL: Final = re.compile(r"[^\s@<>`\"'(),;:/]+@[^\s@<>`\"'(),;:/]+")
# `seats.csv:3: person: …`: a line of a CSV whose value is a person.
_PERSON: Final = re.compile(
    r"(\w+\.csv:\d+: (?:person|owner_email|override_by|by|customer_id|user_id|user)): .*"
)
# An amount or a count, and no part of a name, a month or a line's number.
_NUMBER: Final = re.compile(r"(?<![\w:.-])\d[\d,]*(?:\.\d+)?(?![\w-])")


@dataclass(frozen=True, slots=True)
class Event:
    """`facts`: key -> sentence. A fact that stands is told once, whatever its numbers become.

    `stands` names the look that found them: a fact that its next look does not find is over, and
    told anew when it returns. An event without one happens once.
    """

    kind: str
    title: str
    facts: Mapping[str, str]
    stands: str = ""


def standing(kind: str, title: str, sentences: Iterable[str], stands: str) -> Event:
    """Of sentences that are told until what they say is over."""
    said = [outside(sentence) for sentence in sentences]
    return Event(kind, title, {_NUMBER.sub("#", sentence): sentence for sentence in said}, stands)


def outside(sentence: str) -> str:
    """The sentence as it may leave the machine."""
    text = " ".join(sentence.partition(FIRST_ROW)[0].split())
    text = _PERSON.sub(r"\1: the run says what is wrong", text)
    text = _MAIL.sub("(an e-mail address)", without_logins(text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
