"""`tollbook check`"""

import os
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click
import duckdb

from ingestion.prices.litellm_map import DatedPrices, dated_prices
from ingestion.prices.litellm_map_snapshots import snapshots
from ingestion.reference.files import Reference, ReferenceError, read_reference
from ingestion.workspace.settings import Workspace
from orchestration.assets.bill_pulls import silent_apis
from orchestration.checks.awaited import LANDED as LANDED_ENDS
from orchestration.checks.awaited import ends, stopped_bills
from orchestration.checks.bill_reports import ungrouped
from orchestration.checks.billing_currencies import uncounted
from orchestration.checks.unread_places import unread_places, unread_text
from orchestration.checks.unread_records import LANDED, unread_records
from orchestration.command import Invocation, ProblemsFound
from orchestration.onboarding.price_gaps import undeclared_gaps
from orchestration.onboarding.reference_names import unknown_references
from orchestration.onboarding.rotated_keys import rotated_keys
from orchestration.onboarding.scan import Scan, SeenName, names_seen, scanned
from orchestration.onboarding.unknown_names import FILES, unknown_names
from orchestration.terminal.tables import as_table
from orchestration.warehouse.billed_accounts import billed_accounts
from orchestration.warehouse.landing_schema import write_table
from orchestration.warehouse.model_use import ModelUse, model_use

if TYPE_CHECKING:
    from orchestration.onboarding.owner_coverage import Coverage

# per CSV; the dearest come first
LINES: Final = 20
EVER: Final = 36_500  # days
BOOK_CURRENCY: Final = "USD"


@click.command("check")
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Tell what is wrong before anything runs, and what no CSV or price book knows."""
    workspace = invocation.workspace()
    problems = _missing_keys(workspace) + silent_apis(workspace)
    reference: Reference | None = None
    maps = DatedPrices()
    try:
        reference = read_reference(workspace)
        maps = dated_prices(snapshots(workspace, store=False))
    except ReferenceError as error:
        problems += str(error).splitlines()
    with scanned(workspace) as scan:
        seen = names_seen(scan.connection)
        lost_records = unread_records(scan.connection, LANDED)
        stopped = stopped_bills(ends(scan.connection, LANDED_ENDS))
        coarse_bills = [each.told() for each in ungrouped(scan.connection)]
        models = model_use(scan.connection, reference.tables, maps) if reference else []
        problems += undeclared_gaps(scan.connection) if reference else []
        problems += _uncounted(scan.connection, workspace, reference) if reference else []
        accounts = billed_accounts(scan.connection, standing=False)
        problems += unknown_references(workspace, reference, accounts) if reference else []
        unread = unread_places(scan.connection, workspace.attribution, EVER)
        rotated = rotated_keys(scan.connection, workspace, reference) if reference else []
        covered = _coverage(workspace, scan) if reference else None
    problems += [f"source {name}: {why}" for name, why in scan.unreadable.items()]
    foreign = _foreign_books(workspace.currency)
    for warning in (
        *foreign,
        *scan.warnings,
        *coarse_bills,
        *rotated,
        *stopped,
        *lost_records,
        *(reference.warnings if reference else ()),
    ):
        click.echo(warning)
    if reference is not None:
        _show_unknown(unknown_names(seen, reference), workspace.currency)
        _show_unknown_models(models, workspace.currency)
        _show_unpriced(models)
    click.echo(unread_text(unread, workspace.attribution, workspace.currency), nl=False)
    if covered:
        _show_coverage(covered, workspace.currency)
    if problems:
        raise ProblemsFound(problems)
    click.echo("the workspace can run")


def _missing_keys(workspace: Workspace) -> list[str]:
    return [
        f"source {bill.name}: environment variable {bill.api.key_variable} is not set: put the"
        " provider's admin key there"
        for bill in workspace.bills
        if bill.api and not os.environ.get(bill.api.key_variable)
    ]


def _coverage(workspace: Workspace, scan: Scan) -> "Coverage | None":
    if scan.connection.execute("SELECT 1 FROM landing.charges LIMIT 1").fetchone() is None:
        return None
    # 5 s of imports, after what is wrong is known
    from orchestration.onboarding.owner_coverage import owner_coverage

    return owner_coverage(workspace, scan)


def _show_coverage(covered: "Coverage", currency: str) -> None:
    """What is missing here is what the CSVs and `attribution` do not say yet."""
    billed = f"{_cents(covered.billed)} {currency} billed"
    click.echo(f"\n{covered.month:%Y-%m}, {billed}, of which these have an owner:")
    rows = [
        (dimension, _cents(owned), _percent(owned, covered.billed))
        for dimension, owned in covered.owned.items()
    ]
    click.echo(as_table(["dimension", currency, "percent"], rows), nl=False)
    for usage in covered.keyless:
        click.echo(f"\n{usage.told(currency)}")


def _percent(part: Decimal, whole: Decimal) -> Decimal | str:
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole > 0 else ""


def _foreign_books(currency: str) -> list[str]:
    if currency == BOOK_CURRENCY:
        return []
    return [
        f"currency is {currency}, and public price books are in {BOOK_CURRENCY}: list and"
        f" contracted costs are right only where prices.csv says prices in {currency}"
    ]


def _uncounted(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, reference: Reference
) -> list[str]:
    """Bills and invoices in a currency that a run would leave out."""
    for table in ("invoices", "fx_rates"):
        write_table(connection, table, reference[table])
    out = uncounted(connection, workspace)
    return [f"source {name}: {why}" for name, why in out.bills.items()] + out.invoices


def _show_unknown(unknown: list[SeenName], currency: str) -> None:
    """Unknown names are no error: their money stays `__unallocated__`, and is told here."""
    for kind, (table, column, _) in FILES.items():
        names = [name for name in unknown if name.kind == kind]
        if not names:
            continue
        rows = [_line(name, currency) for name in names[:LINES]]
        if rest := names[LINES:]:
            cost = _known_sum(name.cost for name in rest)
            requests = sum(name.requests for name in rest)
            rows.append(("", f"… {len(rest)} more", requests, _cents(cost), ""))
        click.echo(f"\nnot in {table}.csv ({column}):")
        columns = ["source", "name", "requests", currency, "dollars are"]
        click.echo(as_table(columns, rows), nl=False)


def _show_unknown_models(models: list[ModelUse], currency: str) -> None:
    """No error: such a name is a model of its own, without a price."""
    unknown = [model for model in models if model.is_unknown and not model.is_priced]
    if not unknown:
        return
    rows = [(m.raw_model, m.provider, m.requests, m.tokens, _cents(m.cost)) for m in unknown]
    if rest := unknown[LINES:]:
        requests, tokens = sum(m.requests for m in rest), sum(m.tokens for m in rest)
        cost = _known_sum(m.cost for m in rest)
        rows[LINES:] = [(f"… {len(rest)} more", "", requests, tokens, _cents(cost))]
    click.echo("\nno known model (models.csv says which it is, or prices.csv what it costs):")
    columns = ["name", "provider", "requests", "tokens", f"{currency} claimed"]
    click.echo(as_table(columns, rows), nl=False)


def _show_unpriced(models: list[ModelUse]) -> None:
    """No error either: the requests' costs stay unknown, and bills are split by tokens instead."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for use in models:
        if not use.is_unknown and not use.is_priced:
            requests, tokens = found.get((use.model, use.provider), (0, 0))
            found[use.model, use.provider] = (requests + use.requests, tokens + use.tokens)
    if not found:
        return
    rows = [(*model, *used) for model, used in list(found.items())[:LINES]]
    if rest := list(found.values())[LINES:]:
        requests, tokens = map(sum, zip(*rest, strict=True))
        rows.append((f"… {len(rest)} more", "", requests, tokens))
    click.echo("\nwithout a price (give them one in prices.csv):")
    click.echo(as_table(["model", "provider", "requests", "tokens"], rows), nl=False)


def _line(name: SeenName, currency: str) -> tuple[str, str, int, Decimal | str, str]:
    basis = "claimed by the gateway" if name.requests else "billed"
    if name.currency not in ("", currency):
        basis = f"billed in {name.currency}"
    return name.source, " / ".join(name.names), name.requests, _cents(name.cost), basis


def _known_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal()) if known else None


def _cents(amount: Decimal | None) -> Decimal | str:
    return "unknown" if amount is None else amount.quantize(Decimal("0.01"))
