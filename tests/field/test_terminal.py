"""The terminal is not a text sink: what logs, bills and files say is shown and never obeyed."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.commands.explain import as_tree
from orchestration.explaining.owner import Node
from orchestration.publishing.publish import publish
from orchestration.terminal.escapes import one_line, printable
from orchestration.terminal.tables import as_json, as_table
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_warehouse, write_workspace

# A title, a colour, a bell, an eight-bit CSI, text turned round, a line of its own, a hidden
# letter, markup and an emoji's code.
HOSTILE = (
    "\x1b]0;owned\x07\x1b[31m\x9b2J\u202egnp\u2066\nerror: all is well\r\u200b\x7f[red]x[/] :x:"
)
SHOWN = (
    r"\x1b]0;owned\x07\x1b[31m\x9b2J\u202egnp\u2066\nerror: all is well\r\u200b\x7f[red]x[/] :x:"
)
OBEYED = {*HOSTILE} - {*SHOWN}


def test_what_a_terminal_would_obey_is_written_out() -> None:
    assert one_line(HOSTILE) == SHOWN
    assert printable("a\nb\tc") == "a\nb\tc"
    assert one_line("a\nb\tc") == r"a\nb\tc"
    assert printable("Größe 東京 ✓ … └── €") == "Größe 東京 ✓ … └── €"
    assert printable("\ud800") == r"\ud800"


@given(st.text())
def test_nothing_else_changes_and_nothing_unseen_is_left(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable() or {letter for letter in shown if not letter.isprintable()} <= {
        letter for letter in text if letter.isspace() or ord(letter) > 0xFFFF or letter > "\u0100"
    }
    if text.isprintable():
        assert shown == text


def test_a_table_shows_cells_and_headers_as_they_are() -> None:
    lines = as_table([HOSTILE, "n"], [[HOSTILE, 1], ["東京" * 60, 2]]).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(SHOWN) and lines[1].startswith(SHOWN)
    assert "東京" * 60 in lines[2]


def test_json_stays_json() -> None:
    text = as_json(["a"], [[HOSTILE]])
    assert not OBEYED - {"\n"} & {*text}
    assert json.loads(text) == [{"a": HOSTILE}]


def test_a_tree_is_as_wide_as_its_lines() -> None:
    """`1.125 a million` at the end of a long line was cut to `1.`."""
    leaf = Node("charge", HOSTILE, Decimal("0.5"), note="x" * 300 + "; contract 1.125 a million")
    root = Node("month", "2026-10", Decimal("0.5"), children=[leaf], hidden=2)
    tree = as_tree(root, "USD").splitlines()
    assert tree[0] == "0.5  2026-10 USD"
    assert tree[1].startswith(f"├── 0.5  {SHOWN}  [") and tree[1].endswith("1.125 a million]")
    assert tree[2] == "└── 0  … 2 more"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = write_workspace(tmp_path_factory.mktemp("hostile") / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 2)})
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    return workspace.file.parent


def tollbook(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from orchestration.command import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "TOLLBOOK_WORKSPACE": "", "PYTHONIOENCODING": ""},
    )


def test_query_shows_it_and_hands_csv_to_programs_byte_by_byte(folder: Path) -> None:
    sql = "select '" + HOSTILE.replace("'", "''") + "' as x"
    table = tollbook("query", sql, "--workspace", str(folder))
    assert table.returncode == 0, table.stderr
    assert table.stdout.split("\n")[1].rstrip() == SHOWN
    piped = tollbook("query", sql, "--format", "csv", "--workspace", str(folder))
    assert HOSTILE.replace("\r", "").replace("\n", "") in piped.stdout.replace("\n", "")


def test_names_of_files_are_shown_in_errors(folder: Path) -> None:
    """One record that cannot be read, in a file whose name and words are commands."""
    log = folder / "logs" / "a\x1b[2J\u202e.jsonl"
    log.write_text('{"id": "\\u001b[31m"')
    checked = tollbook("check", "--workspace", str(folder))
    missing = tollbook("query", "select 1", "--workspace", f"{folder}/\x1b[31mnowhere\u202e")
    for ended in (checked, missing):
        assert not OBEYED - {"\n"} & {*ended.stdout, *ended.stderr}
    assert r"\x1b[31mnowhere\u202e" in missing.stderr
    log.unlink()
