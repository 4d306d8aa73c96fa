"""Limits that stand at gateways and providers, asked for before the reference data is read."""

import os
from typing import Final

from ingestion.records import SourceError
from ingestion.reference.limits.pulling import ask_limits, save_limits, save_not_known
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Bill, Gateway
from orchestration.running.source_states import sources_of

NOT_KNOWN: Final = "whether its limits stand is not known"


def pull_limits(workspace: Workspace) -> list[str]:
    """A sentence for each source that did not say what stands, and for each whose answers could
    not be saved: neither makes a number wrong, and no run ends by it.
    """
    reference = open_storage(workspace.reference)
    said = []
    for source in asked_sources(workspace):
        try:
            why = _pull(reference, source)
        except SourceError as error:
            why = f"limits of {source.name} are not saved: {' '.join(str(error).split())}"
        said += [f"{why}; {NOT_KNOWN}"] if why else []
    return said


def _pull(reference: Storage, source: Gateway | Bill) -> str:
    """Why it is not known what stands; raises SourceError where nothing can be saved."""
    try:
        answers = ask_limits(source, _key(source))
    except SourceError as error:
        why = " ".join(str(error).split())
        save_not_known(reference, source.name, why)
        return why
    save_limits(reference, source.name, answers)
    return ""


def silent_limits(workspace: Workspace) -> list[str]:
    """A sentence for each API whose key is known and that does not answer; keeps nothing."""
    said = []
    for source in asked_sources(workspace):
        if not missing_variable(source):
            try:
                # nobody waits for a second answer
                ask_limits(source, _key(source), sleep=lambda _: None)
            except SourceError as error:
                said.append(" ".join(str(error).split()))
    return said


def asked_sources(workspace: Workspace) -> list[Gateway | Bill]:
    return [each for each in sources_of(workspace) if each.limits_api is not None]


def missing_variable(source: Gateway | Bill) -> str:
    """The environment variable of its key, empty where that is set."""
    name = source.limits_api.key_variable if source.limits_api else ""
    return "" if os.environ.get(name, "").strip() else name


def _key(source: Gateway | Bill) -> str:
    if name := missing_variable(source):
        raise SourceError(
            f"limits of {source.name}: environment variable {name} is not set: put the key that"
            " reads limits there"
        )
    return os.environ[source.limits_api.key_variable] if source.limits_api else ""
