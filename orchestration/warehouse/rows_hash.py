"""Hashes of rows in whatever order, of which some may be equal."""


def hash_of_row(columns: str) -> str:
    """SQL, of a row. A hash of a hash, as DuckDB's ends with an exclusive or of the last column,
    and rows that exchange what stands there may sum to the same.
    """
    return f"CAST(hash(hash({columns})) AS HUGEINT)"


def hash_of_rows(columns: str) -> str:
    """SQL, where rows are grouped. A sum, so that rows that repeat do not cancel."""
    return f"sum({hash_of_row(columns)})"
