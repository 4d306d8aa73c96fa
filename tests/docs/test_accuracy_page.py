"""The committed docs/accuracy.md has every fault, each found where it must stand."""

from collections.abc import Collection
from pathlib import Path

import pytest

from accuracy.report import AS_FOCUS, RIGHT
from simulation.faults.every_fault import ALL_TOGETHER, CLOUD_FAULTS, FAULTS, STRESSES

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
CLOUDS = "## In clouds"
TABLES = (
    (False, (*FAULTS, ALL_TOGETHER), 99.9),
    (True, (*CLOUD_FAULTS, ALL_TOGETHER, AS_FOCUS), 99.99),
)


def rows(in_clouds: bool) -> list[list[str]]:
    """Of the table of clouds, or of all others."""
    before, _, after = PAGE.read_text().partition(CLOUDS)
    clouds, _, bends = after.partition("\n## ")
    lines = (clouds if in_clouds else before + bends).splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells]


@pytest.mark.parametrize(("in_clouds", "faults", "_"), TABLES)
def test_the_table_has_every_fault_and_each_is_right(
    in_clouds: bool, faults: Collection[str], _: float
) -> None:
    found = {row[0]: row[-1] for row in rows(in_clouds) if row[-1] in ("yes", "NO")}
    assert list(found) == ["none", *faults]
    assert set(found.values()) == {RIGHT}


@pytest.mark.parametrize(("in_clouds", "faults", "least"), TABLES)
def test_every_joint_is_at_least_three_nines_and_of_clouds_four(
    in_clouds: bool, faults: Collection[str], least: float
) -> None:
    joints = [row[4] for row in rows(in_clouds) if row[-1] == RIGHT and row[4].endswith("%")]
    assert len(joints) == len(faults) + 1
    assert all(float(joint.removesuffix(" %")) >= least for joint in joints)


def test_it_says_how_it_bends() -> None:
    stresses = [row for row in rows(False) if len(row) == 3 and row[1].endswith("%")]
    assert len(stresses) == len(STRESSES)
