"""All sources read into a landing in a temporary folder.

It needs no earlier run and leaves no trace.
"""

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway, warn_of_gone
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Bill
from orchestration.running.source_states import SourceState, no_objects, sources_of, write_state


@dataclass(frozen=True, slots=True)
class Scan:
    """`workspace`: the one that was scanned, with a landing, a warehouse and a working folder in a
    temporary folder. `unreadable`: why any of its sources could not be read.
    """

    workspace: Workspace
    unreadable: dict[str, str]
    warnings: list[str]


@contextmanager
def scanned(workspace: Workspace) -> Iterator[Scan]:
    with tempfile.TemporaryDirectory(prefix="tollbook-scan-") as name:
        folder = Path(name)
        scratch = dataclasses.replace(
            workspace,
            file=folder / workspace.file.name,
            landing=str(folder / "landing"),
            # the database of every relation is called as the file is
            warehouse=folder / workspace.warehouse.name,
        )
        yield _scan(workspace, scratch)


def _scan(workspace: Workspace, scratch: Workspace) -> Scan:
    scan = Scan(scratch, {}, [])
    landing = open_landing(scratch.landing)
    for source in sources_of(workspace):
        try:
            if isinstance(source, Bill):
                load_bill(source, landing)
            else:
                result = load_gateway(source, landing)
                told = result.warnings if result.objects_seen else [no_objects(source)]
                scan.warnings.extend(told)
                scan.warnings.extend(warn_of_gone(source, open_landing(workspace.landing)))
        except SourceError as error:
            scan.unreadable[source.name] = " ".join(str(error).split())
        message = scan.unreadable.get(source.name, "")
        write_state(scratch, SourceState(source.name, "failed" if message else "ok", message))
    return scan
