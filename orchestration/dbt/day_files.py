"""dbt's part of the requests of the days in hand: the stage they are in, the files they become.

profiles.yml names this module: dbt-duckdb calls `Plugin.store` where a materialization stores
(macros/building/day_files.sql), and `configure_cursor` for every cursor that it opens.
"""

import shutil
import threading
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig

from orchestration.warehouse.parquet_days import put_file


class Plugin(BasePlugin):
    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._opening = threading.Lock()
        self._is_open = False

    def configure_cursor(self, cursor: Any) -> None:
        """The first one finds the relations of the stage as the last build had them, empty."""
        with self._opening:
            if self._is_open:
                return
            self._is_open = True
            assert self.creds is not None
            _open_stage(cursor, self.creds.database)

    def store(self, target_config: TargetConfig) -> None:
        """Renames each file; `config`: name of a written file -> its place in the folder.

        Folders of days that were written together go, with what of them has no place.
        """
        assert target_config.location is not None
        folder = Path(target_config.location.path)
        names: dict[str, Any] = target_config.config
        for written, place in names.items():
            put_file(folder / written, folder / place)
        for passing in {Path(written).parts[0] for written in names if "/" in written}:
            shutil.rmtree(folder / passing)


def _open_stage(cursor: Any, warehouse: str) -> None:
    shapes = cursor.execute(
        "SELECT table_name FROM duckdb_tables()"
        f" WHERE database_name = '{warehouse}' AND schema_name = 'shapes'"
    ).fetchall()
    cursor.execute("CREATE SCHEMA IF NOT EXISTS stage.intermediate")
    for (name,) in shapes:
        cursor.execute(
            f'CREATE TABLE stage.intermediate.{name} AS FROM "{warehouse}".shapes.{name}'
        )
