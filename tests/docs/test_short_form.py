"""What `make test` runs of suites whose long form is `make whole`."""

from pathlib import Path

from tests.conftest import SHORT

TESTS = Path(__file__).parents[1]


def test_every_file_of_the_short_form_is_there() -> None:
    named = [TESTS / suite / f"test_{name}.py" for suite, names in SHORT.items() for name in names]
    assert [file.name for file in named if not file.is_file()] == []
