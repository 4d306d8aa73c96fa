"""What decides a day of requests: the SQL that builds and publishes it, and words of variables.

What decides a billing month is told the same way.

dbt cannot be asked: the version is one of its variables, and what it is asked before it parses.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from ingestion.vocabulary import dbt_words
from orchestration.dbt.plain_sql import plain_sql
from orchestration.dbt.published_models import PublishedAs
from orchestration.warehouse.built_days import LAST
from orchestration.warehouse.built_months import LAST_OF_MONTHS

SETTINGS: Final = Path("dbt_project.yml")
# The project's settings and its SQL, with their places in it.
Files = tuple[tuple[Path, str], ...]
# What is published day by day, and what reads all that a day is; what they read decides a day, too.
_BY_DAY: Final = re.compile(PublishedAs.PARQUET_BY_DAY.value)
_MACRO: Final = re.compile(r"\{% macro (\w+) \(.*?\{% endmacro %\}", re.DOTALL)
_ENGINE: Final = re.compile(r"^(default|duckdb|spark)__")
_REFERRED: Final = re.compile(r"\bref ?\( ?['\"](\w+)['\"]")
_VARIABLE: Final = re.compile(r"\bvar ?\( ?['\"](\w+)['\"]")


def rules_version(project: Path) -> str:
    """Another one where a day's requests may be others; comments, YAML and tests make none."""
    files = _files(project)
    return _version(_deciding(files)[0], files)


def month_rules_version(project: Path) -> str:
    """The same of a billing month's allocations."""
    files = _files(project)
    return _version(_deciding(files)[1], files)


def deciding(project: Path) -> Mapping[str, str]:
    """`models/<name>` and `macros/<name>` of what decides a day -> its SQL without comments."""
    return _deciding(_files(project))[0]


def deciding_months(project: Path) -> Mapping[str, str]:
    """The same of what decides a billing month."""
    return _deciding(_files(project))[1]


def _version(texts: Mapping[str, str], files: Files) -> str:
    names = {name for text in texts.values() for name in _VARIABLE.findall(text)}
    variables = {name: value for name, value in _variables(files).items() if name in names}
    text = json.dumps([texts, variables], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=2)
def _deciding(files: Files) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Of days and of months. A run asks several times, and looks through equal files once."""
    texts = _texts(files)
    by_day = {
        name for name, text in texts.items() if name.startswith("models/") and _BY_DAY.search(text)
    }
    days = _all_named(texts, by_day | {f"models/{LAST}"})
    return days, _all_named(texts, {f"models/{LAST_OF_MONTHS}"})


def _files(project: Path) -> Files:
    found = [project / SETTINGS]
    for room in ("models", "macros"):
        found += sorted((project / room).rglob("*.sql"))
    return tuple((file.relative_to(project), file.read_text(encoding="utf-8")) for file in found)


def _texts(files: Files) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file, text in files:
        if file.parts[0] == "models":
            texts[f"models/{file.stem}"] = plain_sql(text)
        elif file.parts[0] == "macros":
            for found in _MACRO.finditer(plain_sql(text)):
                texts[f"macros/{found[1]}"] = found[0]
    return texts


def _all_named(texts: Mapping[str, str], first: set[str]) -> dict[str, str]:
    """The first ones and all that they name, at any distance."""
    found: dict[str, str] = {}
    waiting = first & texts.keys()
    while waiting:
        name = waiting.pop()
        found[name] = texts[name]
        waiting |= _named(texts, texts[name]) - found.keys()
    return found


def _named(texts: Mapping[str, str], text: str) -> set[str]:
    """Models that a text reads, and macros whose names stand in it, whichever the engine."""
    words = set(re.findall(r"\w+", text))
    models = {f"models/{name}" for name in _REFERRED.findall(text)}
    return (models & texts.keys()) | {
        name
        for name in texts
        if name.startswith("macros/") and _ENGINE.sub("", name.removeprefix("macros/")) in words
    }


def _variables(files: Files) -> dict[str, Any]:
    """What dbt_project.yml says, where the vocabulary says nothing else.

    What tollbook.yaml and reference CSVs say instead is part of a day's own hash.
    """
    # the loader in C reads the same, in a tenth of the time
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {**yaml.load(dict(files)[SETTINGS], loader)["vars"], **dbt_words()}
