"""`tollbook check`"""

import os
from collections.abc import Iterable, Iterator
from typing import Final

import click
import duckdb

from ingestion.reference.files import Reference, ReferenceError, read_reference
from ingestion.workspace.formats import BILLS, GATEWAYS
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.assets.api_pulls import next_pulls, silent_gateways
from orchestration.assets.bill_pulls import silent_apis
from orchestration.assets.database_pulls import silent_databases
from orchestration.assets.limit_pulls import asked_sources, silent_limits
from orchestration.checks import (
    awaited,
    bill_reports,
    billing_currencies,
    foreign_services,
    keyless_usage,
    unpriced_models,
    unread_records,
    whole_invoices,
)
from orchestration.checks.unread_places import unread_places, unread_text
from orchestration.command import Invocation, ProblemsFound
from orchestration.onboarding import (
    names_seen,
    owner_coverage,
    price_gaps,
    rotated_keys,
)
from orchestration.onboarding.check_tables import (
    coverage_text,
    unknown_models_text,
    unknown_text,
    unpriced_text,
)
from orchestration.onboarding.journal_accounts import missing_accounts
from orchestration.onboarding.reference_names import unknown_references
from orchestration.onboarding.scan import Scan, scanned
from orchestration.warehouse.billed_accounts import billed_accounts

EVER: Final = 36_500  # days
BOOK_CURRENCY: Final = "USD"
# What the answers below are read from.
MODELS: Final = sorted(
    {
        *awaited.MODELS,
        *bill_reports.MODELS,
        billing_currencies.MODEL,
        foreign_services.MODEL,
        keyless_usage.MART,
        *names_seen.MODELS,
        owner_coverage.MODEL,
        price_gaps.MODEL,
        *rotated_keys.MODELS,
        *unpriced_models.MODELS,
        unread_records.MART,
        whole_invoices.MODEL,
    }
)


@click.command("check")
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Tell what is wrong before anything runs, and what no CSV or price book knows."""
    workspace = invocation.workspace()
    problems = [
        *_missing_keys(workspace),
        *silent_apis(workspace),
        *silent_databases(workspace),
        *silent_gateways(workspace),
        *silent_limits(workspace),
    ]
    reference: Reference | None = None
    try:
        reference = read_reference(workspace)
    except ReferenceError as error:
        problems += str(error).splitlines()
    with scanned(workspace) as scan:
        problems += [f"source {name}: {why}" for name, why in scan.unreadable.items()]
        _say(
            [
                _tested_formats(workspace),
                *next_pulls(workspace),
                *_foreign_books(workspace.currency),
                *scan.warnings,
            ]
        )
        if reference is not None:
            try:
                problems += _of_models(workspace, scan, reference)
            except WorkspaceError as error:
                problems.append(str(error))
    if problems:
        raise ProblemsFound(problems)
    click.echo("the workspace can run")


def _tested_formats(workspace: Workspace) -> str:
    """What the readers of its sources were tested on: docs/sources.md says more."""
    tested = {gateway.format: GATEWAYS[gateway.format].tested_on for gateway in workspace.gateways}
    tested |= {bill.format: BILLS[bill.format].tested_on for bill in workspace.bills}
    told = ", ".join(f"{name} on {files} files" for name, files in tested.items())
    return f"formats are tested: {told}"


def _of_models(workspace: Workspace, scan: Scan, reference: Reference) -> list[str]:
    """Shows what the models make of logs and bills; what of it is wrong, one sentence each."""
    # 5 s of imports, after the CSVs are known to be right
    from orchestration.onboarding.scratch import built

    with built(scan, MODELS) as warehouse:
        _say(
            [
                *(bill.told() for bill in bill_reports.ungrouped(warehouse)),
                *rotated_keys.rotated_keys(warehouse, workspace, reference),
                *awaited.stopped_bills(awaited.ends(warehouse)),
                *unread_records.unread_records(warehouse),
                *reference.warnings,
            ]
        )
        for table in _tables(warehouse, workspace):
            click.echo(table, nl=False)
        accounts = billed_accounts(warehouse, standing=False)
        _say(missing_accounts(workspace, reference, accounts))
        return [
            *price_gaps.undeclared_gaps(warehouse),
            *_uncounted(warehouse, workspace),
            *unknown_references(workspace, reference, accounts),
        ]


def _tables(warehouse: duckdb.DuckDBPyConnection, workspace: Workspace) -> Iterator[str]:
    currency = workspace.currency
    yield unknown_text(names_seen.names_seen(warehouse), currency)
    unpriced = unpriced_models.unpriced_uses(warehouse)
    yield unknown_models_text(unpriced, currency)
    yield unpriced_text(unpriced)
    unread = unread_places(warehouse, workspace.attribution, EVER)
    yield unread_text(unread, workspace.attribution, currency)
    yield foreign_services.left_out_text(foreign_services.left_out(warehouse))
    if covered := owner_coverage.owner_coverage(warehouse):
        yield coverage_text(covered, currency)
        yield from (f"\n{use.told(currency)}\n" for use in keyless_usage.keyless_usage(warehouse))


def _say(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        click.echo(sentence)


def _missing_keys(workspace: Workspace) -> list[str]:
    needed = [
        *(
            (bill.name, bill.api.key_variable, "the provider's admin key")
            for bill in workspace.bills
            if bill.api
        ),
        *(
            (gateway.name, gateway.database.url_variable, "the address of LiteLLM's database")
            for gateway in workspace.gateways
            if gateway.database
        ),
        *(
            (gateway.name, variable, "the API's key")
            for gateway in workspace.gateways
            if gateway.api
            for variable in gateway.api.keys.values()
        ),
        *(
            (source.name, source.limits_api.key_variable, "the key that reads limits")
            for source in asked_sources(workspace)
            if source.limits_api
        ),
    ]
    return [
        f"source {name}: environment variable {variable} is not set: put {what} there"
        for name, variable, what in needed
        if not os.environ.get(variable, "").strip()
    ]


def _foreign_books(currency: str) -> list[str]:
    if currency == BOOK_CURRENCY:
        return []
    return [
        f"currency is {currency}, and public price books are in {BOOK_CURRENCY}: list and"
        f" contracted costs are right only where prices.csv says prices in {currency}"
    ]


def _uncounted(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> list[str]:
    """Bills and invoices that a run would leave out."""
    out = billing_currencies.left_out(connection, workspace)
    return [
        *(f"source {name}: {why}" for name, why in out.bills.items()),
        *out.invoices,
        *whole_invoices.without_other_services(connection),
    ]
