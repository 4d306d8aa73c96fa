"""What the YAML of a mart says of it goes with it: comments on tables, views and columns."""

from typing import Final

import duckdb

from orchestration.publishing.parquet_views import quoted, text

RELATIONS: Final = """
    SELECT table_name AS relation, NULL AS column_name, comment FROM duckdb_tables()
    WHERE database_name = 'warehouse' AND schema_name = 'main'
    UNION ALL
    SELECT view_name, NULL, comment FROM duckdb_views()
    WHERE database_name = 'warehouse' AND schema_name = 'main'
    UNION ALL
    SELECT table_name, column_name, comment FROM duckdb_columns()
    WHERE database_name = 'warehouse' AND schema_name = 'main'
"""
PUBLISHED: Final = """
    SELECT table_name, 'TABLE' FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'main'
    UNION ALL
    SELECT view_name, 'VIEW' FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = 'main'
"""


def copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Of the attached `warehouse` to relations of the same name; dbt wrote them there."""
    published = dict(connection.execute(PUBLISHED).fetchall())
    # one transaction: each comment alone would be written to disk before the next
    connection.begin()
    for relation, column, comment in connection.execute(RELATIONS).fetchall():
        if relation not in published:
            continue
        place = f"main.{quoted(relation)}"
        if column is None:
            kind = published[relation]
        else:
            kind, place = "COLUMN", f"{place}.{quoted(column)}"
        # a table that was published before may have one that is no more
        said = "NULL" if comment is None else text(comment)
        connection.execute(f"COMMENT ON {kind} {place} IS {said}")
    connection.commit()
