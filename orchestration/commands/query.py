"""`tollbook query "select …"`"""

import sys
from pathlib import Path
from typing import Any

import click
import duckdb

from orchestration.command import Invocation
from orchestration.commands.queries import NoQuestion, must_only_read
from orchestration.publishing.marts import FILE_ERRORS, first_line, open_marts
from orchestration.terminal.interrupts import interruptible
from orchestration.terminal.tables import FORMATS

FILES = (*FILE_ERRORS, duckdb.PermissionException)


@click.command("query")
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="table", show_default=True
)
@click.pass_obj
def command(invocation: Invocation, sql: str, form: str) -> None:
    """SQL on the published marts: read-only, also while a run writes."""
    marts = invocation.workspace().marts
    columns, rows = interruptible(lambda: _answer(marts, sql))
    text = FORMATS[form](columns, rows)
    if form == "csv" and not sys.stdout.isatty():
        # for a program: every byte as it is, which a terminal is not given
        click.echo(text.encode("utf-8", "surrogatepass"), nl=False)
    else:
        click.echo(text, nl=False)


def _answer(marts: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns, and the rows."""
    with open_marts(marts) as connection:
        try:
            must_only_read(connection, sql)
            result = connection.execute(sql)
            return [column[0] for column in result.description or []], result.fetchall()
        except NoQuestion as error:
            raise click.ClickException(str(error)) from error
        except FILES:
            raise
        except duckdb.Error as error:
            raise click.ClickException(f"{first_line(error)}: correct the SQL") from error
