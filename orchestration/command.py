"""`tollbook`: a thin front of the Dagster jobs that the schedules run."""

import importlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from ingestion.known_errors import KnownError
from ingestion.workspace.locations import VARIABLE
from orchestration.terminal.escapes import PrintableStream, printable
from orchestration.terminal.interrupts import end_interrupted, end_process

if TYPE_CHECKING:
    from ingestion.workspace.settings import Workspace

# Modules are imported when their command runs: Dagster and dbt take 5 s, which `query` need not
# wait for. This one imports next to nothing, so that an interrupt of any time reaches `main`.
COMMANDS: Final = {
    "audit": "Prove a closed month from its ledger: hashes, sums, invoices, corrections.",
    "check": "Tell what is wrong with a workspace, and what no CSV knows.",
    "close": "Close a month: its ledger is written once and stays.",
    "diff": "What of a closed month would be corrected now, and why.",
    "explain": "From a month and an owner down to its charges and requests.",
    "export": "Write the files of a month again.",
    "forget": "Take a person out of all that is stored; no sum changes.",
    "init": "Write a commented workspace.",
    "new-source": "Write a reader, its fixture and its test, to fill in.",
    "query": "SQL on the published marts.",
    "rules": "Tell what attribution_rules.csv gained, and propose rules.",
    "run": "Read what is new, rebuild, check, publish and export.",
    "simulate": "Write a workspace with known truth.",
    "what-if": "What requests would cost at another model, tier, provider or scale.",
}


class Commands(click.Group):
    """Finds a command in `orchestration/commands/<name>.py`, with `_` for its `-`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchestration.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        if command.params[-1:] != list(AFTER[-1:]):
            command.params.extend(AFTER)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


def _set_workspace(context: click.Context, _: click.Parameter, location: Path | None) -> None:
    if location is not None:
        context.ensure_object(Invocation).name_again(location)


def _set_verbose(context: click.Context, _: click.Parameter, verbose: bool) -> None:
    if verbose:
        context.ensure_object(Invocation).verbose = True


WORKSPACE: Final = click.Path(path_type=Path)
WORKSPACE_HELP: Final = "Folder of tollbook.yaml, or the file."
VERBOSE_HELP: Final = "Show the log of Dagster and every traceback."
# Every command takes them, too.
AFTER: Final = (
    click.Option(
        ["--workspace"],
        type=WORKSPACE,
        expose_value=False,
        callback=_set_workspace,
        help=WORKSPACE_HELP,
    ),
    click.Option(
        ["--verbose"], is_flag=True, expose_value=False, callback=_set_verbose, help=VERBOSE_HELP
    ),
)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tollbook")
@click.option(
    "--workspace",
    "location",
    type=WORKSPACE,
    envvar=VARIABLE,
    show_envvar=True,
    help=f"{WORKSPACE_HELP} Before or after the command. Default: the sample.",
)
@click.option("--verbose", is_flag=True, help=VERBOSE_HELP)
@click.pass_context
def tollbook(context: click.Context, location: Path | None, verbose: bool) -> None:
    """Every billed LLM cent on the feature, team and customer tier that caused it."""
    source = context.get_parameter_source("location")
    named = location if source is ParameterSource.COMMANDLINE else None
    context.obj = Invocation(location, verbose, named)


class Invocation:
    """The options before the command, and those after it; `named`: the workspace said before."""

    def __init__(self, location: Path | None, verbose: bool, named: Path | None = None) -> None:
        self.location = location
        self.verbose = verbose
        self._named = named

    def name_again(self, location: Path) -> None:
        """The workspace that is said after the command; the environment stands behind it."""
        if self._named is not None and _folder(self._named) != _folder(location):
            raise click.UsageError(
                f"--workspace {self._named} before the command and --workspace {location} after it"
                " differ: give one"
            )
        self.location = self._named = location

    def workspace(self) -> "Workspace":
        """The workspace; also told to whatever this process starts."""
        from ingestion.workspace.settings import load_workspace
        from orchestration.running.working_folder import sample_workspace

        workspace = load_workspace(self.location or sample_workspace())
        os.environ[VARIABLE] = str(workspace.file)
        return workspace


def _folder(location: Path) -> Path:
    whole = location.expanduser().resolve()
    return whole.parent if whole.is_file() else whole


class ProblemsFound(KnownError):
    """What a command found wrong, one sentence each: exit status 1."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


KNOWN_ERRORS: Final = (KnownError,)


def main() -> None:
    """Runs a command and ends with its status."""
    print_safely()
    status = _status()
    if "dagster" in sys.modules:
        end_process(status)
    if status:
        sys.exit(status)


def _status() -> int:
    """Of the command; a known error is its own sentences, each on a line, and status 1."""
    try:
        tollbook(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        click.echo(f"error: {printable(error.format_message())}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        end_interrupted()
    except RuntimeError as error:
        # DuckDB says so of an interrupt that reaches it while it computes
        if str(error) != "Query interrupted":
            raise
        end_interrupted()
    except KNOWN_ERRORS as error:
        if "--verbose" in sys.argv:
            raise
        for line in str(error).split("\n"):
            click.echo(f"error: {printable(line)}", err=True)
        return 1
    return 0


def print_safely() -> None:
    """From here on whatever the process prints goes through `printable`."""
    # a colour is a command to the terminal, too
    os.environ.setdefault("NO_COLOR", "1")
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, PrintableStream(stream))
