"""Columns of money and of latencies, each number by its literal."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.gateways.generic.own_columns import OwnColumns, each_other
from ingestion.gateways.generic.values import read_number
from ingestion.reading.columns.exact_columns import (
    as_floats,
    exact_column,
    rounded_to,
    times_ten,
    whole_part,
)
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.unreadable import Unreadable

# Milliseconds of which microseconds fit 64 bits.
MOST_MS: Final = 10**14
POWER: Final = {1: 0, 1000: 3}


def money_column(own: OwnColumns, name: str, column: pa.Array, source: str) -> None:
    made = rounded_to(exact_column(column), 12)
    own.columns[name] = each_other(
        own, column, made, lambda value: read_number(value, source).quantize(PICO)
    )


def latency_column(own: OwnColumns, name: str, column: pa.Array, source: str, unit: int) -> None:
    """Two columns: `<name>` in milliseconds, and `<name>_us` as whole microseconds."""
    said = exact_column(column)
    said = pc.if_else(
        pc.greater_equal(said, pa.scalar(Decimal(0), said.type)), said, pa.scalar(None, said.type)
    )
    milliseconds = times_ten(said, POWER[unit])

    def read(made: Callable[[Decimal], Any]) -> Callable[[Any], Any]:
        def of(value: Any) -> Any:
            number = read_number(value, source) * unit
            if number < 0:
                raise Unreadable(source, "negative")
            return made(number)

        return of

    own.columns[name] = each_other(own, column, as_floats(milliseconds), read(float))
    micros = whole_part(times_ten(milliseconds, 3), MOST_MS * 1000)
    own.columns[f"{name}_us"] = each_other(own, column, micros, read(_microseconds))


def _microseconds(number: Decimal) -> int | None:
    return None if number > MOST_MS else int(number * 1000)
