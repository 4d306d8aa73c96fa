"""What decides a day of requests: the SQL that builds and publishes it, and words of variables.

What decides a billing month is told the same way.

dbt cannot be asked: the version is one of its variables. To find it takes half a second, so it is
kept beside what dbt parsed of the same files: invocation.py.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
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
_WORD: Final = re.compile(r"\w+")
_VARIABLE: Final = re.compile(r"\bvar ?\( ?['\"](\w+)['\"]")


def rules_versions(project: Path) -> dict[str, str]:
    """`rules_version`, another one where a day's requests may be others, and `month_rules_version`,
    of a billing month's allocations; comments, YAML and tests make none.
    """
    files = _files(project)
    days, months = _deciding(files)
    return {
        "rules_version": _version(days, files),
        "month_rules_version": _version(months, files),
    }


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


def _deciding(files: Files) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Of days and of months."""
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
    macros: defaultdict[str, set[str]] = defaultdict(set)
    for name in texts:
        if name.startswith("macros/"):
            macros[_ENGINE.sub("", name.removeprefix("macros/"))].add(name)
    found: dict[str, str] = {}
    waiting = first & texts.keys()
    while waiting:
        name = waiting.pop()
        found[name] = texts[name]
        waiting |= (_named(macros, texts[name]) & texts.keys()) - found.keys()
    return found


def _named(macros: Mapping[str, set[str]], text: str) -> set[str]:
    """Models that a text reads, and macros whose names stand in it, whichever the engine."""
    models = {f"models/{name}" for name in _REFERRED.findall(text)}
    return models.union(*(macros[word] for word in macros.keys() & set(_WORD.findall(text))))


def _variables(files: Files) -> dict[str, Any]:
    """What dbt_project.yml says, where the vocabulary says nothing else.

    What tollbook.yaml and reference CSVs say instead is part of a day's own hash.
    """
    # the loader in C reads the same, in a tenth of the time
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {**yaml.load(dict(files)[SETTINGS], loader)["vars"], **dbt_words()}
