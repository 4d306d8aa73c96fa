"""`tollbook`: a thin front of the Dagster jobs that the schedules run."""

import importlib
import os
import sys
from pathlib import Path
from typing import Final

import click

from ingestion.records import SourceError
from ingestion.reference import ReferenceError
from ingestion.workspace import Workspace, WorkspaceError, load_workspace
from orchestration.working_folder import SAMPLE, VARIABLE

# Modules are imported when their command runs: Dagster and dbt take 5 s, which `query` need not
# wait for.
COMMANDS: Final = {
    "check": "Tell what is wrong with a workspace, and what no CSV knows.",
    "explain": "From a month and an owner down to its charges and requests.",
    "export": "Write the files of a month again.",
    "init": "Write a commented workspace.",
    "query": "SQL on the published marts.",
    "rules": "Tell what attribution_rules.csv gained, and propose rules.",
    "run": "Read what is new, rebuild, check, publish and export.",
    "simulate": "Write a workspace with known truth.",
}


class Commands(click.Group):
    """Finds a command in `orchestration/commands/<name>.py`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchestration.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tollbook")
@click.option(
    "--workspace",
    "location",
    type=click.Path(path_type=Path),
    envvar=VARIABLE,
    show_envvar=True,
    help="Folder of tollbook.yaml, or the file. Default: the sample, data/sample.",
)
@click.option("--verbose", is_flag=True, help="Show the log of Dagster and every traceback.")
@click.pass_context
def tollbook(context: click.Context, location: Path | None, verbose: bool) -> None:
    """Every billed LLM cent on the feature, team and customer tier that caused it."""
    context.obj = Invocation(location or SAMPLE, verbose)


class Invocation:
    """The options before the command."""

    def __init__(self, location: Path, verbose: bool) -> None:
        self.location = location
        self.verbose = verbose

    def workspace(self) -> Workspace:
        """The workspace; also told to whatever this process starts."""
        workspace = load_workspace(self.location)
        os.environ[VARIABLE] = str(workspace.file)
        return workspace


class ProblemsFound(Exception):
    """What a command found wrong, one sentence each: exit status 1."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


KNOWN_ERRORS: Final = (ProblemsFound, WorkspaceError, SourceError, ReferenceError)


def main() -> None:
    """Runs a command; a known error is its own sentences, each on a line, and status 1."""
    verbose = "--verbose" in sys.argv
    try:
        tollbook()
    except KNOWN_ERRORS as error:
        if verbose:
            raise
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        sys.exit(1)
