"""Imports only look down: from one room to rooms on floors below, in no circle."""

import subprocess
import sys
from pathlib import Path

from tests.support.rooms import FLOORS, REPOSITORY, circles, imports, wrong_arrows


def test_every_import_between_rooms_goes_down() -> None:
    assert wrong_arrows() == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles() == []


def test_an_arrow_up_and_a_room_without_a_floor_are_told(tmp_path: Path) -> None:
    for room in (room for floor in FLOORS for room in floor):
        _write(tmp_path / room.replace(".", "/") / "one.py", "")
    _write(
        tmp_path / "ingestion/storage/one.py", "def f():\n    from ingestion.landing import one\n"
    )
    # types alone are no arrow
    _write(
        tmp_path / "ingestion/workspace/one.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ingestion.bills.one\n",
    )
    _write(tmp_path / "orchestration/attic/one.py", "")
    assert wrong_arrows(tmp_path) == [
        "orchestration.attic is on no floor",
        "ingestion.storage imports ingestion.landing, which is not below it: ingestion.storage.one",
    ]


def test_ingestion_never_imports_dagster_and_the_simulation_imports_neither() -> None:
    for package, others in (("ingestion", {"orchestration"}), ("simulation", {"ingestion"})):
        for file in (REPOSITORY / package).rglob("*.py"):
            assert not {name.split(".")[0] for name in imports(file)} & {*others, "orchestration"}
            assert "dagster" not in file.read_text(encoding="utf-8")


def test_the_plan_is_printed() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "tests.support.rooms"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "| ingestion.landing |" in printed
    assert "`ingestion.storage`: objects.py, s3.py" in printed


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text or "# a room\n", encoding="utf-8")
