"""The committed docs/accuracy.md has every fault, each found where it must stand."""

from pathlib import Path

from accuracy.report import RIGHT
from simulation.faults.every_fault import ALL_TOGETHER, FAULTS, STRESSES

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


def rows() -> list[list[str]]:
    lines = PAGE.read_text().splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells]


def test_the_table_has_every_fault_and_each_is_right() -> None:
    found = {row[0]: row[-1] for row in rows() if row[-1] in ("yes", "NO")}
    assert list(found) == ["none", *FAULTS, ALL_TOGETHER]
    assert set(found.values()) == {RIGHT}


def test_every_joint_is_at_least_three_nines() -> None:
    joints = [row[4] for row in rows() if row[-1] == RIGHT and row[4].endswith("%")]
    assert len(joints) == len(FAULTS) + 2
    assert all(float(joint.removesuffix(" %")) >= 99.9 for joint in joints)


def test_it_says_how_it_bends() -> None:
    assert len([row for row in rows() if len(row) == 3 and row[1].endswith("%")]) == len(STRESSES)
