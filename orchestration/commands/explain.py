"""`tollbook explain --month 2026-10 --team search --feature chat`"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import click
import duckdb
import msgspec

from ingestion.vocabulary import TEAM_FIRST
from ingestion.workspace.settings import WorkspaceError
from orchestration.checks.month_status import parse_month
from orchestration.command import Invocation
from orchestration.explaining.archived import archived_days_of, archived_request
from orchestration.explaining.known_owners import what_there_is
from orchestration.explaining.owner import Node, explain
from orchestration.explaining.request import explain_request
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.terminal.escapes import one_line, printable_json

WITHOUT_AMOUNT: Final = ("owner", "note")


def _owner_options(function: Any) -> Any:
    for dimension in reversed(TEAM_FIRST):
        text = f"Only this {dimension}; __unallocated__ is what has none."
        function = click.option(f"--{dimension}", help=text)(function)
    return function


@click.command("explain")
@click.option("--month", help="Billing month, as 2026-10.")
@click.option("--request", "wanted", help="Request id, call id, provider's id or key instead.")
@_owner_options
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Children shown per node.",
)
@click.option("--all", "everything", is_flag=True, help="Every child of every node.")
@click.option("--format", "form", type=click.Choice(["tree", "json"]), default="tree")
@click.pass_obj
def command(
    invocation: Invocation,
    month: str | None,
    wanted: str | None,
    top: int,
    everything: bool,
    form: str,
    **owner: str | None,
) -> None:
    """From a month and an owner down to charges, cells and requests: price, match and rule.

    With --request what that request cost on the bill, and why.
    """
    asked = {dimension: value for dimension, value in owner.items() if value is not None}
    if (month is None) == (wanted is None):
        raise click.UsageError("give either --month, and owners, or --request")
    if wanted is not None and asked:
        raise click.UsageError(f"--request is explained whole: leave out --{', --'.join(asked)}")
    first_day = None if month is None else _first_day(month)
    workspace = invocation.workspace()
    with open_marts(workspace.marts) as connection:
        basis = read_origin(connection).chargeback_basis
        if wanted is not None:
            root = _explained_request(connection, workspace.marts, wanted, basis)
        elif first_day is not None:
            root = explain(connection, first_day, asked, None if everything else top, basis)
            if not root.children:
                there = what_there_is(connection, first_day, asked)
                raise WorkspaceError(f"{root.name}: no money and no requests: {there}")
            root.note = archived_days_of(connection, workspace.marts)
    click.echo(_json(root) if form == "json" else as_tree(root, workspace.currency), nl=False)


def _explained_request(
    connection: duckdb.DuckDBPyConnection, marts: Path, wanted: str, basis: str
) -> Node:
    try:
        return explain_request(connection, wanted, basis)
    except WorkspaceError as error:
        if place := archived_request(connection, marts, wanted):
            raise WorkspaceError(place) from error
        raise


def _first_day(month: str) -> date:
    try:
        return parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from error


def _json(root: Node) -> str:
    encoded = msgspec.json.Encoder(decimal_format="number").encode(root)
    return printable_json(msgspec.json.format(encoded, indent=2).decode()) + "\n"


def as_tree(root: Node, currency: str) -> str:
    """A line a node, those of its children below it; as long as they are."""
    lines = [_line(root, f" {currency}"), *_branches(root, "")]
    return "".join(f"{line}\n" for line in lines)


def _branches(node: Node, before: str) -> Iterator[str]:
    rest = [f"{_amount(node.hidden_amount)}  … {node.hidden:,} more"] if node.hidden else []
    for place, child in enumerate(node.children, start=1):
        is_last = place == len(node.children) and not rest
        yield f"{before}{'└── ' if is_last else '├── '}{_line(child)}"
        yield from _branches(child, f"{before}{'    ' if is_last else '│   '}")
    for line in rest:
        yield f"{before}└── {line}"


def _line(node: Node, currency: str = "") -> str:
    notes = [node.note] if node.note else []
    if count := node.unpriced_requests:
        notes.append(f"{count:,} request{'' if count == 1 else 's'} without a price")
    note = f"  [{'; '.join(notes)}]" if notes else ""
    if node.level in WITHOUT_AMOUNT:
        return one_line(f"{node.name}{note}")
    return one_line(f"{_amount(node.amount)}  {node.name}{currency}{note}")


def _amount(amount: Decimal | None) -> str:
    """All digits: the lines below a line sum to it."""
    return "unknown" if amount is None else f"{amount.normalize() + 0:f}"
