"""Tables that dbt makes of every statement's result, and of none: each with types made anew."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch


@contextmanager
def shared_types() -> Iterator[None]:
    from dbt_common.clients import agate_helper

    nothing = agate_helper.empty_table()
    make = cache(agate_helper.build_type_tester)

    def tester(text_columns: Iterable[str], string_null_values: Any = ("null", "")) -> Any:
        return make(tuple(sorted(text_columns)), string_null_values)

    with (
        patch.object(agate_helper, "empty_table", lambda: nothing),
        patch.object(agate_helper, "build_type_tester", tester),
    ):
        yield
