"""`tollbook what-if --month 2026-09 --feature chatbot --model gpt-4o-mini`"""

import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import click

from ingestion.vocabulary import SERVICE_TIERS, TEAM_FIRST
from orchestration.checks.month_status import parse_month
from orchestration.command import Invocation
from orchestration.explaining.archived import archived_of_month
from orchestration.explaining.what_if import COLUMNS, Slice, Target, what_if
from orchestration.publishing.marts import open_marts
from orchestration.terminal.interrupts import interruptible
from orchestration.terminal.tables import FORMATS

# Above it nobody's requests grow, and products of money must fit.
MOST: Final = Decimal(1_000_000)


def _owner_options(function: Any) -> Any:
    for dimension in reversed(TEAM_FIRST):
        text = f"Only requests of this {dimension}; __unallocated__ is what has none."
        function = click.option(f"--{dimension}", help=text)(function)
    return function


def _scale(_: click.Context, __: click.Parameter, text: str) -> Decimal:
    try:
        scale = Decimal(text)
    except InvalidOperation:
        scale = Decimal(0)
    if not (0 < scale <= MOST and scale == scale.quantize(Decimal("0.000001"))):
        raise click.BadParameter(f"`{text}` is not a number like 10 or 1.4: at most {MOST}")
    return scale


@click.command("what-if")
@click.option("--month", required=True, help="UTC month of the requests, as 2026-10.")
@_owner_options
@click.option("--of-model", help="Only requests of this model.")
@click.option("--of-provider", help="Only requests of this provider.")
@click.option("--model", help="Model they would go to. Default: each its own.")
@click.option("--provider", help="Provider of that model, where theirs does not sell it.")
@click.option(
    "--service-tier", type=click.Choice(sorted(SERVICE_TIERS)), help="Tier they would be served in."
)
@click.option("--scale", default="1", callback=_scale, help="So many times as many requests.")
@click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="table", show_default=True
)
@click.pass_obj
def command(
    invocation: Invocation,
    month: str,
    of_model: str | None,
    of_provider: str | None,
    model: str | None,
    provider: str | None,
    service_tier: str | None,
    scale: Decimal,
    form: str,
    **owner: str | None,
) -> None:
    """What requests of a month would cost at another model, provider, tier or scale.

    At its price as of each request, by contract where there is one; beside it what they cost by
    the same book now. What has no price there is named, and never 0.
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from error
    asked = {dimension: value for dimension, value in owner.items() if value is not None}
    wanted = Slice(first, asked, of_model, of_provider)
    target = Target(model, provider, service_tier, scale)
    marts = invocation.workspace().marts
    with open_marts(marts) as connection:
        if note := archived_of_month(connection, marts, first):
            raise click.ClickException(note)
        rows = interruptible(lambda: what_if(connection, wanted, target))
    shown = [*rows, _total(rows)] if form == "table" and len(rows) > 1 else rows
    text = FORMATS[form](COLUMNS, shown)
    if form == "csv" and not sys.stdout.isatty():
        click.echo(text.encode("utf-8", "surrogatepass"), nl=False)
    else:
        click.echo(text, nl=False)


def _total(rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """For eyes; an unknown one of them makes its sum unknown."""
    sums = [_sum([row[place] for row in rows]) for place in range(6, 11)]
    return ("all", "", "", "", "", "", *sums, "")


def _sum(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)
