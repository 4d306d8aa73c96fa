"""All of dbt that it does not promise to keep.

tests/orchestration/test_insides.py fails when an upgrade changes any of it. dbt takes 2 s to
import, which who only asks for this module need not wait for.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from orchestration.dbt.failures import first_row
from orchestration.dbt.insides.contexts import one_context_a_node
from orchestration.dbt.insides.events import without_debugging
from orchestration.dbt.insides.macros import needed_macros
from orchestration.dbt.insides.namespaces import flat_namespaces
from orchestration.dbt.insides.relations import found_by_name
from orchestration.dbt.insides.results import shared_types
from orchestration.dbt.insides.serializers import unquestioned
from orchestration.dbt.insides.templates import kept_templates

# What dbt itself reads again of what it parsed.
OBJECTS: Final = "partial_parse.msgpack"


def manifest_object(data: bytes) -> Any:
    """dbt's own manifest of a file OBJECTS: a build that is given it parses nothing."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(data, decoder=extended_mashumuro_decoder)
    manifest.macros = needed_macros(manifest)
    manifest.build_parent_and_child_maps()
    # `graph`, a variable that no model or macro reads, is empty: it takes as long as all the rest
    return manifest


def needed_objects(data: bytes) -> bytes:
    """A file OBJECTS without what no build of it asks for: macros of dbt's own, texts of files."""
    from dbt.parser.manifest import extended_mashumaro_encoder

    manifest = manifest_object(data)
    manifest.files = {}
    needed: bytes = manifest.to_msgpack(extended_mashumaro_encoder)
    return needed


def invoke(
    arguments: list[str],
    on_event: Callable[[dict[str, Any]], None],
    manifest: Any,
    templates: Path,
    more_templates: Path | None = None,
) -> Any:
    """Runs dbt in this process; each event but those for who debugs dbt is told as a mapping.

    `templates`: the folder where what Jinja makes of dbt's templates is kept; `more_templates`: one
    where there may be more of it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    def told(event: Any) -> None:
        if event.info.level != "debug":
            on_event(msg_to_dict(event))

    try:
        with (
            without_debugging(),
            unquestioned() if manifest is not None else nullcontext(),
            flat_namespaces(manifest),
            one_context_a_node(),
            found_by_name(),
            shared_types(),
            kept_templates(templates, more_templates),
        ):
            result = dbtRunner(manifest, callbacks=[told]).invoke(arguments)
        for item in getattr(result.result, "results", None) or []:
            if str(item.status) == "fail":
                # its rows are those of the stage, too, which goes with the connection
                cursor = DuckDBConnectionManager.env().handle().cursor()
                item.message = f"{item.message}{first_row(cursor, item.node.compiled_code)}"
        return result
    finally:
        # dbtRunner returns with the DuckDB file still locked
        DuckDBConnectionManager.close_all_connections()
