"""The sample's months: their files read nothing but what they are said to be made of."""

from pathlib import Path

from tests.support.made_of import read_alike


def test_files_of_a_month_are_the_same_without_all_that_they_are_not_made_of(
    sample: Path, tmp_path: Path
) -> None:
    alike = read_alike(sample / "marts.duckdb", tmp_path)
    assert len(alike) > 1
    assert alike == dict.fromkeys(alike, True)
