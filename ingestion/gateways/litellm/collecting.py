"""Records of LiteLLM's log, those of a kind together (decision 68)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.gateways.litellm.own_columns import own_columns
from ingestion.gateways.litellm.own_values import (
    AT_ONCE,
    IDS,
    NAMES,
    SAID,
    VALUES,
    Kind,
    OwnValues,
    Said,
)
from ingestion.reading.columns import together
from ingestion.reading.columns.kind_columns import Column, proves, with_kinds
from ingestion.reading.columns.together import CollectedTogether, Waiting
from ingestion.reading.landed_text import bounded_names
from ingestion.reading.unreadable import ODD
from ingestion.records import NO_REQUEST, Row
from ingestion.secret_forms import MARKS

VALUES_OF: Final = attrgetter("values")
FEWEST: Final = 100
# What the kinds of earlier objects are, by the process that read them.
KNOWN: Final[dict[Kind, Row]] = {}
MOST_KNOWN: Final = 2000
# A value that no column of the contract holds.
UNFIT: Final = (pa.ArrowException, ArithmeticError, TypeError, ValueError)
# A kind for so few records each is no kind.
FEWEST_A_KIND: Final = 2


def _first_look() -> int:
    """How many wait at the least before any of them is read."""
    return min(together.TOGETHER, max(FEWEST, AT_ONCE))


@dataclass(slots=True)
class LiteLLMRecords(CollectedTogether):
    """`content` is the object, of which records that wait are cut again where they are asked for:
    a record is read while it lies in the processor's cache, and not kept."""

    content: bytes = b""
    _own: OwnValues | None = None
    _told: list[Said | None] = field(default_factory=list)
    _next_look: int = field(default_factory=_first_look)

    @property
    def fewest(self) -> int:
        return FEWEST

    def literal_of(self, waiting: Waiting) -> bytes:
        if waiting.literal or waiting.offset is None:
            return waiting.literal
        return self.content[waiting.offset : waiting.offset + waiting.length]

    def _look(self) -> None:
        if len(self._waiting) >= together.TOGETHER:
            self._next_look = _first_look()
            self._take()
            return
        self._next_look = min(together.TOGETHER, self._next_look + AT_ONCE)
        if self._by_columns:
            self._tell(self._waiting)

    def _tell(self, waiting: Sequence[Waiting]) -> None:
        if self._own is None:
            self._own = OwnValues(self.named)
        rest = waiting[len(self._told) :]
        told = self._own.said([each.literal for each in rest])
        for each, said in zip(rest, told, strict=True):
            if said and each.offset is not None:
                each.literal = b""
        self._told += told

    def columns_of(self, waiting: list[Waiting]) -> tuple[pa.Table, pa.Array] | None:
        self._tell(waiting)
        told, self._told = self._told, []
        plain = [(each, said) for each, said in zip(waiting, told, strict=True) if said]
        if not plain:
            return None
        try:
            own = _columns([said for _, said in plain])
            made, right = own_columns(own)
            names = _names(own)
            right = pc.and_(right, _unmarked(names))
            if not right.true_count:
                return None
            if right.true_count < len(plain):
                # what is odd, or a secret, is the business of one record's rules
                kept = pc.indices_nonzero(right)
                plain = [plain[place] for place in kept.to_pylist()]
                own = _columns([said for _, said in plain])
                made = {name: column.take(kept) for name, column in made.items()}
                names = [column.take(kept) for column in names]
            said = {name: own[name] for name in (*IDS, *SAID)} | made
            return self._made(plain, said, dict(zip(NAMES, names, strict=True)))
        except UNFIT:
            return None

    def _made(
        self,
        plain: list[tuple[Waiting, Said]],
        own: Mapping[str, Column],
        names: Mapping[str, pa.Array],
    ) -> tuple[pa.Table, pa.Array] | None:
        known: dict[Kind, int] = {}
        firsts: list[int] = []
        kind_of = []
        for place, (_, said) in enumerate(plain):
            number = known.setdefault(said.kind, len(known))
            if number == len(firsts):
                firsts.append(place)
            kind_of.append(number)
        rows = [KNOWN.get(kind) for kind in known]
        new = [number for number, row in enumerate(rows) if row is None]
        if len(new) * FEWEST_A_KIND > len(plain):
            return None
        made = self._rows_of([plain[firsts[number]][0] for number in new])
        proofs: list[Row | None] = [None] * len(rows)
        for number, row in zip(new, made, strict=True):
            rows[number] = proofs[number] = row
        kinds = pa.array(kind_of, pa.int64())
        table = with_kinds(own, [row or NO_REQUEST for row in rows], kinds, names)
        if not proves(proofs, table, pa.array(firsts, pa.int64())):
            return None
        _remember(known, proofs)
        numbers = pa.array([each.record_no for each, _ in plain], pa.int64())
        if None in rows:
            stands = pa.array([row is not None for row in rows], pa.bool_()).take(kinds)
            return table.filter(stands), numbers.filter(stands)
        return table, numbers

    def _rows_of(self, firsts: Sequence[Waiting]) -> list[Row | None]:
        """By the rules of one record; None where they make none, or several."""
        made: list[Row | None] = []
        for each in firsts:
            try:
                rows = each.to_row(self.literal_of(each), each.record_no)
            except ODD:
                rows = []
            made.append(rows[0] if isinstance(rows, list) and len(rows) == 1 else None)
        landing = iter(self.as_landed([row for row in made if row is not None]))
        return [None if row is None else next(landing) for row in made]


def _remember(known: Iterable[Kind], proofs: Sequence[Row | None]) -> None:
    if len(KNOWN) > MOST_KNOWN:
        KNOWN.clear()
    KNOWN.update((kind, row) for kind, row in zip(known, proofs, strict=True) if row is not None)


def _columns(plain: Sequence[Said]) -> dict[str, Sequence[Any]]:
    """Each record is looked at once: there are more of them than a processor's cache holds."""
    columns: Iterable[Sequence[Any]] = zip(*map(VALUES_OF, plain), strict=True)
    own = dict(zip(VALUES, columns, strict=False))
    return own | {name: bounded_names(name, own[name]) for name in NAMES if own}


def _names(own: Mapping[str, Sequence[str | None]]) -> list[pa.Array]:
    return [pa.array(own[name], pa.string()) for name in NAMES]


def _unmarked(names: Sequence[pa.Array]) -> pa.Array:
    """Of which records no name may hold a secret; no mark goes on over the end of a line."""
    texts = pc.binary_join_element_wise(*names, "\n", null_handling="skip")
    return pc.invert(pc.match_substring_regex(texts, MARKS))
