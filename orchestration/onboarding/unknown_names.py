"""Names that logs and bills use and no reference CSV knows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingestion.globs import glob_pattern
from ingestion.reference.capacity_pools import pool_globs
from ingestion.reference.files import Reference
from orchestration.onboarding.scan import SeenName

# kind of a name -> its CSV, the column that lists names, the column that says of which source
FILES: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "credential": ("credentials", "credential_id", "source"),
    "customer": ("customers", "customer_id", None),
    "deployment": ("deployments", "deployment_id", "gateway"),
    "team": ("teams", "team_id", None),
}


def unknown_names(seen: Iterable[SeenName], reference: Reference) -> list[SeenName]:
    """What no row of its CSV matches, literally or by glob; a team goes by any of its spellings."""
    patterns = {kind: _patterns(kind, reference) for kind in FILES}
    patterns["deployment"] += _pools(reference)
    teams = team_spellings(reference)
    return [
        name
        for name in seen
        if not (
            teams & {spelling.strip().lower() for spelling in name.names}
            if name.kind == "team"
            else _known(name, patterns[name.kind])
        )
    ]


def team_spellings(reference: Reference) -> set[str]:
    """Ids and names of teams in lower case, and what aliases.csv says for one of them."""
    rows: list[dict[str, Any]] = reference["teams"].to_pylist()
    known = {row[name].lower() for row in rows for name in ("team_id", "team_name") if row[name]}
    aliases: list[dict[str, Any]] = reference["aliases"].to_pylist()
    return known | {
        row["raw"]
        for row in aliases
        if row["dimension"] == "team" and row["value"].lower() in known
    }


def _patterns(kind: str, reference: Reference) -> list[tuple[str, re.Pattern[str]]]:
    """(source or "" for any, pattern)"""
    table, column, of_source = FILES[kind]
    rows: list[dict[str, Any]] = reference[table].to_pylist()
    return [(row[of_source] if of_source else "", glob_pattern(row[column])) for row in rows]


def _pools(reference: Reference) -> list[tuple[str, re.Pattern[str]]]:
    """Deployments of any gateway that capacity.csv knows."""
    texts = reference["capacity"]["deployments"].to_pylist()
    return [("", glob_pattern(glob)) for text in texts for glob in pool_globs(text)]


def _known(name: SeenName, patterns: Iterable[tuple[str, re.Pattern[str]]]) -> bool:
    return any(
        pattern.fullmatch(spelling)
        for source, pattern in patterns
        if source in ("", name.source)
        for spelling in name.names
    )
