"""`tollbook query "select …"`"""

import click
import duckdb

from orchestration.command import Invocation
from orchestration.published_marts import open_marts
from orchestration.query_output import FORMATS


@click.command("query")
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="table", show_default=True
)
@click.pass_obj
def command(invocation: Invocation, sql: str, form: str) -> None:
    """SQL on the published marts: read-only, also while a run writes."""
    workspace = invocation.workspace()
    with open_marts(workspace.marts) as connection:
        try:
            result = connection.execute(sql)
            columns = [column[0] for column in result.description or []]
            rows = result.fetchall()
        except duckdb.Error as error:
            # with the line and the place in it
            raise click.ClickException(str(error)) from error
    click.echo(FORMATS[form](columns, rows), nl=False)
