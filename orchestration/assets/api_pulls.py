"""Records of a gateway's or trace store's API into its location, before that is read."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from ingestion.gateways.pulling.api import Pull, first_of_next
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Gateway, GatewayApi
from orchestration.running.working_folder import working_folder


def pull_api(workspace: Workspace, gateway: Gateway) -> None:
    """Raises SourceError, without a key."""
    if gateway.api is None:
        return
    if missing := missing_variables(gateway.api):
        raise SourceError(
            f"gateway {gateway.name}: environment variable {missing[0]} is not set: put the API's"
            " key there"
        )
    note = working_folder(workspace, "pulled") / f"{gateway.name}.json"
    Pull(gateway, gateway.api, _keys(gateway.api), workspace.since, note).save()


def missing_variables(api: GatewayApi) -> list[str]:
    return [name for name in api.keys.values() if not os.environ.get(name, "").strip()]


def silent_gateways(workspace: Workspace) -> list[str]:
    """A sentence for each API whose keys are known and that does not answer as it should."""
    said = []
    for gateway in workspace.gateways:
        if gateway.api is not None and not missing_variables(gateway.api):
            try:
                # nobody waits for a second answer
                Pull(gateway, gateway.api, _keys(gateway.api), sleep=lambda _: None).ask()
            except SourceError as error:
                said.append(f"source {gateway.name}: {' '.join(str(error).split())}")
    return said


def next_pulls(workspace: Workspace) -> Iterator[str]:
    """What a run would ask each API for."""
    for gateway in workspace.gateways:
        if gateway.api is None:
            continue
        try:
            first = first_of_next(gateway, gateway.api, workspace.since, datetime.now(UTC))
        except SourceError:
            # its location is told as what cannot be read
            continue
        yield (
            f"source {gateway.name}: a run asks {gateway.api.base_url} for what began since"
            f" {first:%Y-%m-%d %H:%M} UTC"
        )


def _keys(api: GatewayApi) -> dict[str, str]:
    return {name: os.environ[variable] for name, variable in api.keys.items()}
