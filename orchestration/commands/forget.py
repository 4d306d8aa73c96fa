"""`tollbook forget --user ID`"""

import click

from orchestration.command import Invocation, ProblemsFound
from orchestration.terminal.tables import as_table


@click.command("forget")
@click.option("--user", required=True, help="The id as logs and attributes have it, whole.")
@click.option("--dry-run", is_flag=True, help="Tell where the id stands; change nothing.")
@click.pass_obj
def command(invocation: Invocation, user: str, dry_run: bool) -> None:
    """Take a person out of the landing, day files, archive and marts; every sum stays.

    Another name stands wherever the id stood, and logs that are read again do not bring it back.
    The logs themselves are their owner's to change.
    """
    from orchestration.forgetting import forget, look_for, said_by

    workspace = invocation.workspace()
    found = look_for(workspace, user)
    rows = [(table, source, count) for (table, source), count in sorted(found.records.items())]
    if rows:
        click.echo(as_table(("table", "source", "records"), rows), nl=False)
    click.echo(f"{len(found.files)} landed files of {len(found.days)} days have {user}")
    if dry_run:
        for file, line in said_by(workspace, user):
            click.echo(f"{file}:{line} says {user}: forgetting asks for a line with the new name")
        return
    problems = forget(workspace, user, click.echo, verbose=invocation.verbose)
    if problems:
        raise ProblemsFound(problems)
