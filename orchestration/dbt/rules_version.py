"""What decides a day of requests: the SQL that builds and publishes it, and words of variables.

What decides a billing month is told the same way.

dbt cannot be asked: the version is one of its variables, and what it is asked before it parses.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from ingestion.vocabulary import dbt_words
from orchestration.dbt.plain_sql import plain_sql
from orchestration.dbt.published_models import PublishedAs
from orchestration.warehouse.built_days import LAST
from orchestration.warehouse.built_months import LAST_OF_MONTHS

# What is published day by day, and what reads all that a day is; what they read decides a day, too.
_BY_DAY: Final = re.compile(PublishedAs.PARQUET_BY_DAY.value)
_MACRO: Final = re.compile(r"\{% macro (\w+) \(.*?\{% endmacro %\}", re.DOTALL)
_ENGINE: Final = re.compile(r"^(default|duckdb|spark)__")
_REFERRED: Final = re.compile(r"\bref ?\( ?['\"](\w+)['\"]")
_VARIABLE: Final = re.compile(r"\bvar ?\( ?['\"](\w+)['\"]")


def rules_version(project: Path) -> str:
    """Another one where a day's requests may be others; comments, YAML and tests make none."""
    return _version(deciding(project), project)


def month_rules_version(project: Path) -> str:
    """The same of a billing month's allocations."""
    return _version(deciding_months(project), project)


def _version(texts: Mapping[str, str], project: Path) -> str:
    names = {name for text in texts.values() for name in _VARIABLE.findall(text)}
    variables = {name: value for name, value in _variables(project).items() if name in names}
    text = json.dumps([texts, variables], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def deciding(project: Path) -> dict[str, str]:
    """`models/<name>` and `macros/<name>` of what decides a day -> its SQL without comments."""
    texts = _texts(project)
    by_day = {
        name for name, text in texts.items() if name.startswith("models/") and _BY_DAY.search(text)
    }
    return _all_named(texts, by_day | {f"models/{LAST}"})


def deciding_months(project: Path) -> dict[str, str]:
    """The same of what decides a billing month."""
    return _all_named(_texts(project), {f"models/{LAST_OF_MONTHS}"})


def _texts(project: Path) -> dict[str, str]:
    models = {f"models/{name}": text for name, text in _models(project)}
    return models | {f"macros/{name}": text for name, text in _macros(project)}


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


def _models(project: Path) -> Iterator[tuple[str, str]]:
    for file in (project / "models").rglob("*.sql"):
        yield file.stem, plain_sql(file.read_text(encoding="utf-8"))


def _macros(project: Path) -> Iterator[tuple[str, str]]:
    for file in (project / "macros").rglob("*.sql"):
        for found in _MACRO.finditer(plain_sql(file.read_text(encoding="utf-8"))):
            yield found[1], found[0]


def _variables(project: Path) -> dict[str, Any]:
    """What dbt_project.yml says, where the vocabulary says nothing else.

    What tollbook.yaml and reference CSVs say instead is part of a day's own hash.
    """
    # the loader in C reads the same, in a tenth of the time
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    return {**yaml.load(text, loader)["vars"], **dbt_words()}
