"""What the published marts say until a run replaces them: days of requests, restatements told."""

import re
from pathlib import Path
from typing import Final

import pyarrow as pa

from ingestion.landing.restatements import PRICE_RESTATEMENTS
from ingestion.workspace.settings import WorkspaceError
from orchestration.publishing.archive import archived_days
from orchestration.publishing.marts import open_marts
from orchestration.running.working_folder import requests_folder
from orchestration.warehouse.parquet_days import whole_files

METERS: Final = "fct_request_meters"
VIEW: Final = "SELECT sql FROM duckdb_views() WHERE schema_name = 'main' AND view_name = ?"
RESTATEMENTS: Final = "SELECT * FROM main.fct_price_restatements"


def published_meters(marts: Path) -> list[Path]:
    """The Parquet by day that the published view of request meters names, and what of it is in the
    archive, as far as it is whole.

    Other files of the folder are of a run that was killed, or of marts before these.
    """
    folder = requests_folder(marts)
    try:
        with open_marts(marts) as connection:
            views = connection.execute(VIEW, [METERS]).fetchall()
            archived = archived_days(connection)
    except WorkspaceError:
        return []
    # releases wrote them absolutely or from the marts' folder: day and name are the same
    named = re.compile(rf"/{METERS}/(\d{{4}}-\d\d-\d\d)/(\w+\.parquet)'")
    files = [folder / METERS / day / name for (sql,) in views for day, name in named.findall(sql)]
    files += [folder / METERS / f"{day}" / name for table, day, name in archived if table == METERS]
    return whole_files(folder, files)


def published_restatements(marts: Path) -> pa.Table:
    """Every line that the marts tell; none where there are no marts that a run published."""
    try:
        with open_marts(marts) as connection:
            rows = connection.sql(RESTATEMENTS).to_arrow_table()
            return rows.select(PRICE_RESTATEMENTS.names).cast(PRICE_RESTATEMENTS)
    except (WorkspaceError, KeyError):
        return PRICE_RESTATEMENTS.empty_table()
