"""The owner columns in the YAML of the marts: contracts name them, so a new one has its own.

They are written after those of the dimension before it, in the same words.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from ingestion.vocabulary import OWNERS

MARTS: Final = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
MODEL: Final = re.compile(r"^(?=  - name: )", re.MULTILINE)
NAME: Final = re.compile(r"^ {6}- name: (\w+)$", re.MULTILINE)
# Neighbouring columns of one dimension: `plan`, or `plan_source` and `plan_rule`.
COLUMNS: Final = r"(?m)(?:^ {6}- name: (?:[a-z]+_)?%s(?:_[a-z_]+)?\n(?: {8}.*\n)+)+"


def with_owners(text: str, dimensions: Sequence[str] = tuple(OWNERS)) -> str:
    """A YAML file of models with the columns of every dimension."""
    models = MODEL.split(text)
    for before, new in pairwise(dimensions):
        models = [_with_owner(model, before, new, dimensions) for model in models]
    return "".join(models)


def _with_owner(model: str, before: str, new: str, dimensions: Sequence[str]) -> str:
    names = set(NAME.findall(model))

    def with_new(columns: re.Match[str]) -> str:
        name = NAME.findall(columns[0])[0]
        others = sum(_renamed(name, before, other) in names for other in dimensions)
        # a table by one dimension alone stays as it is
        if _renamed(name, before, new) in names or others * 2 <= len(dimensions):
            return columns[0]
        return columns[0] + _renamed(columns[0], before, new)

    return re.sub(COLUMNS % before, with_new, model)


def _renamed(text: str, before: str, new: str) -> str:
    return re.sub(rf"(?<![a-z]){before}(?![a-z])", new, text)


def files() -> list[Path]:
    return sorted(MARTS.rglob("*.yml"))
