"""Names that logs and bills use and no reference CSV knows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingestion.capacity_pools import pool_globs
from ingestion.reference import Reference
from orchestration.names_seen import SeenName

# kind of a name -> its CSV, the column that lists names, the column that says of which source
FILES: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "credential": ("credentials", "credential_id", "source"),
    "customer": ("customers", "customer_id", None),
    "deployment": ("deployments", "deployment_id", "gateway"),
    "team": ("teams", "team_id", None),
}


def unknown_names(seen: Iterable[SeenName], reference: Reference) -> list[SeenName]:
    """What no row of its CSV matches, literally or by glob; teams also through aliases.csv."""
    patterns = {kind: _patterns(kind, reference) for kind in FILES}
    patterns["deployment"] += _pools(reference)
    aliases = {
        (row["dimension"], row["raw"]): row["value"] for row in reference["aliases"].to_pylist()
    }
    return [name for name in seen if not _known(name, patterns[name.kind], aliases)]


def _patterns(kind: str, reference: Reference) -> list[tuple[str, re.Pattern[str]]]:
    """(source or "" for any, pattern)"""
    table, column, of_source = FILES[kind]
    rows: list[dict[str, Any]] = reference[table].to_pylist()
    return [(row[of_source] if of_source else "", glob_pattern(row[column])) for row in rows]


def _pools(reference: Reference) -> list[tuple[str, re.Pattern[str]]]:
    """Deployments of any gateway that capacity.csv knows."""
    texts = reference["capacity"]["deployments"].to_pylist()
    return [("", glob_pattern(glob)) for text in texts for glob in pool_globs(text)]


def glob_pattern(glob: str) -> re.Pattern[str]:
    """`*` is any text, `?` one character, everything else itself."""
    parts = {"*": ".*", "?": "."}
    return re.compile(
        "".join(parts.get(character, re.escape(character)) for character in glob), re.S
    )


def _known(
    name: SeenName,
    patterns: Iterable[tuple[str, re.Pattern[str]]],
    aliases: Mapping[tuple[str, str], str],
) -> bool:
    spellings = {*name.names, *(aliases.get((name.kind, raw), raw) for raw in name.names)}
    return any(
        pattern.fullmatch(spelling)
        for source, pattern in patterns
        if source in ("", name.source)
        for spelling in spellings
    )
