"""A hash of rows in whatever order, of which some may be equal."""


def hash_of_rows(columns: str) -> str:
    """SQL, where rows are grouped. A sum, so that rows that repeat do not cancel; of hashes of
    hashes, as DuckDB's ends with an exclusive or of the last column, and rows that exchange what
    stands there may sum to the same.
    """
    return f"sum(CAST(hash(hash({columns})) AS HUGEINT))"
