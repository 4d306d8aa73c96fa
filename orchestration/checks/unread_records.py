"""What could not be read: the first of each kind, how many, and what mends it."""

from typing import Final

import duckdb

# per run or check; the most frequent come first
LINES: Final = 20
MART: Final = "mart_quarantine"


def unread_records(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each source, field and reason of published marts, or a warehouse with MART."""
    kinds = connection.execute(
        # a reason ends with the numbers of its record, in brackets
        "SELECT source, field, split_part(reason, ' (', 1) AS said,"
        " CAST(sum(records) AS BIGINT) AS records,"
        " min((object, record, value, reason, option)) AS first"
        f" FROM main.{MART} GROUP BY source, field, said"
        " ORDER BY records DESC, source, field NULLS FIRST, said"
    ).fetchall()
    told = [_told(source, field, records, *first) for source, field, _, records, first in kinds]
    if rest := kinds[LINES:]:
        records = sum(kind[3] for kind in rest)
        told[LINES:] = [f"… {len(rest)} more reasons, {records} records: see mart_quarantine"]
    return told


def _told(
    source: str,
    field: str | None,
    records: int,
    name: str,
    record: int,
    value: str | None,
    reason: str,
    option: str | None,
) -> str:
    count = "1 record cannot be read" if records == 1 else f"{records} records cannot be read"
    where = ", ".join([name, f"record {record}", *([field] if field else [])])
    mends = f": {option}" if option else ""
    return f"{source}: {count}, the first: {where}{f' {value}' if value else ''}: {reason}{mends}"
