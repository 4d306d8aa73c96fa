"""Names and texts as SQL writes them, and views on the Parquet beside the marts.

Files are named from the folder of the marts, so that it may move. DuckDB takes no path from a
file's own place. A reader says the folder: Tollbook by a variable, any other tool by `SET
file_search_path`, which works while the variable is unset.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

FOLDER: Final = "marts_folder"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def view_on(marts: Path, files: Iterable[Path]) -> str:
    """The SELECT of a view on `files`, which lie below the folder of `marts`."""
    names = ", ".join(text(file.relative_to(marts.parent).as_posix()) for file in files)
    return (
        f"SELECT * FROM read_parquet(list_transform([{names}],"
        f" lambda file: concat(getvariable('{FOLDER}'), file)))"
    )


def find_parquet(connection: duckdb.DuckDBPyConnection, marts: Path) -> None:
    """From here on the views read what lies beside `marts`, and nothing else.

    `file_search_path` would be looked into after the working directory, and splits at commas.
    """
    connection.execute(f"SET VARIABLE {FOLDER} = {text(f'{marts.parent}/')}")
