"""The metadata and headers that attribution_rules.csv matches on.

They land in clear; in objects that are gone a literal value is found by its HMAC.
"""

from typing import Final

import pyarrow as pa

from ingestion.records import SourceError
from ingestion.reference.rows import read_rows
from ingestion.reference.rules.match import conditions
from ingestion.reference.tables import TABLES
from ingestion.storage.objects import open_storage
from ingestion.workspace.named_places import value_hmac

RULES: Final = "attribution_rules"
CONDITIONS: Final = "attribution_rule_conditions"
HASH: Final = "pattern_hash"
KINDS: Final = ("metadata:", "header:")


def rule_places(reference: str) -> dict[str, bool]:
    """Place -> whether rules compare it with literal values alone.

    Of the rules that can be read: what is wrong with others is told where all CSVs are read. A tag
    lands in any case.
    """
    if not reference:
        return {}
    try:
        data = open_storage(reference).get(f"{RULES}.csv").data
    except SourceError:
        return {}
    rows, _ = read_rows(TABLES[RULES], data)
    places: dict[str, bool] = {}
    for row in rows:
        for part in conditions(row.values["match"]):
            if part.field.startswith(KINDS):
                places[part.field] = places.get(part.field, True) and part.is_literal
    return places


def with_hashes(conditions_table: pa.Table, key: bytes) -> pa.Table:
    """Conditions with the HMAC of a literal value of metadata or a header; NULL of any other."""
    hashes = [
        value_hmac(key, row["pattern"])
        if row["field"].startswith(KINDS) and "*" not in row["pattern"]
        else None
        for row in conditions_table.select(["field", "pattern"]).to_pylist()
    ]
    return conditions_table.append_column(HASH, pa.array(hashes, pa.string()))
