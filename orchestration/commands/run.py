"""`tollbook run`"""

import time
from pathlib import Path

import click

from orchestration.command import Invocation, ProblemsFound
from orchestration.run_summary import print_summary
from orchestration.source_states import read_states


@click.command("run")
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Read every new or changed object and bill, rebuild what they touch, check, publish."""
    # 5 s of imports, after the options are known to be right
    from orchestration.automation import RUN
    from orchestration.run_job import execute_job

    started = time.monotonic()
    workspace = invocation.workspace()
    before = _identity(workspace.marts)
    problems = execute_job(workspace, RUN, verbose=invocation.verbose)
    if _identity(workspace.marts) != before:
        print_summary(workspace)
    else:
        problems.append("nothing was published: the marts are as they were before this run")
    click.echo(f"{time.monotonic() - started:.1f} s", err=True)
    told = "\n".join(problems)
    # a build that stopped has not come to the verdict, which names these
    problems += [
        f"source {name} could not be read: {state.message}"
        for name, state in read_states(workspace).items()
        if state.status == "failed" and f"source {name} " not in told
    ]
    if problems:
        raise ProblemsFound(problems)


def _identity(marts: Path) -> tuple[int, int] | None:
    """Another one after every publish, which replaces the file."""
    if not marts.is_file():
        return None
    status = marts.stat()
    return status.st_ino, status.st_mtime_ns
