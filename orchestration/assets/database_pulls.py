"""Rows of a gateway's database into its location, before that is read."""

import os
from datetime import date

from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Gateway


def pull_database(gateway: Gateway, since: date | None) -> list[str]:
    """What the database itself counts otherwise, a sentence each; raises SourceError."""
    if gateway.database is None:
        return []
    url = _url(gateway)
    if not url:
        raise SourceError(
            f"gateway {gateway.name}: environment variable {gateway.database.url_variable} is not"
            " set: put the address of LiteLLM's database there"
        )
    # who has no database needs none of it
    from ingestion.gateways.litellm_db.pulling import pull_spend_logs

    return pull_spend_logs(gateway.name, gateway.database, url, gateway.location, since)


def silent_databases(workspace: Workspace) -> list[str]:
    """A sentence for each database whose address is known and that does not answer as it should."""
    said = []
    for gateway in workspace.gateways:
        if gateway.database is not None and (url := _url(gateway)):
            from ingestion.gateways.litellm_db.spend_table import open_spend_table

            try:
                with open_spend_table(url, gateway.database.url_variable) as table:
                    table.now_and_oldest()
            except SourceError as error:
                said.append(f"source {gateway.name}: {error}")
    return said


def _url(gateway: Gateway) -> str:
    return os.environ.get(gateway.database.url_variable, "").strip() if gateway.database else ""
