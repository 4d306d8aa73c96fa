"""A table that dbt knows, found by its name: dbt looks through all there are, for each node."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def found_by_name() -> Iterator[None]:
    from dbt.adapters.base import BaseAdapter
    from dbt.adapters.reference_keys import _ReferenceKey
    from dbt_common.utils.formatting import lowercase

    look = BaseAdapter.get_relation

    def found(adapter: Any, database: str | None, schema: str, identifier: str) -> Any:
        cache = adapter.cache
        if (database, schema) not in cache:
            return look(adapter, database, schema, identifier)
        # Spark has no databases
        key = _ReferenceKey(lowercase(database), lowercase(schema), lowercase(identifier))
        with cache.lock:
            known = cache.relations.get(key)
        return known and known.inner

    with patch.object(BaseAdapter, "get_relation", found):
        yield
