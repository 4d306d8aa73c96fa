"""docs/traps.md: what goes wrong between a log and a bill is named by a test.

`Trap 12: …` in a docstring names one, `Traps 1 and 4 (months), 10 (units).` three.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
NAMED: Final = re.compile(r"\btraps? (\d[^.:]*)", re.IGNORECASE)


def docstrings(file: Path) -> Iterator[str]:
    """Of the file and its functions."""
    text = file.read_text()
    for node in ast.walk(ast.parse(text)) if "rap" in text else ():
        if isinstance(node, ast.FunctionDef | ast.Module) and (said := ast.get_docstring(node)):
            yield " ".join(said.split())


def numbers(docstring: str) -> set[int]:
    without_words = (re.sub(r"\([^)]*\)", "", text) for text in NAMED.findall(docstring))
    return {int(number) for text in without_words for number in re.findall(r"\d+", text)}


def test_every_trap_of_the_page_is_named_by_a_test() -> None:
    page = (REPOSITORY / "docs/traps.md").read_text()
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    assert listed == list(range(1, 38))
    named: set[int] = set()
    for file in (REPOSITORY / "tests").rglob("test_*.py"):
        # this one names numbers, and tests nothing of them
        if file != Path(__file__):
            named = named.union(*map(numbers, docstrings(file)))
    assert named == set(listed)


def test_numbers_of_a_docstring() -> None:
    assert numbers("Traps 1 and 4 (months of 31 days), 10 (units). In 2026.") == {1, 4, 10}
    assert numbers("Whose key it is (trap 21): 3 calls.") == {21}
