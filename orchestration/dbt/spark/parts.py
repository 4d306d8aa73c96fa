"""Which models run on Spark, what of DuckDB's they read, and what comes back: from dbt's graph."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestration.warehouse.built_days import LAST

Relation = tuple[str, str]  # schema, name
IN_HAND: Final = "int_days_in_hand"
# Of a build's days, and no part of them: what it costs that was published as something else.
RESTATED: Final = "int_day_restatements"
# Asked by hooks, which say so to nobody.
OF_HOOKS: Final = {"source.tollbook.seen.files"}
_SOURCE: Final = "source.tollbook.landing."
_MODEL: Final = "model.tollbook."


@dataclass(frozen=True, slots=True)
class Part:
    """`models` lead from `landed`, a view on landed requests, to what is `made`."""

    landed: str
    models: tuple[str, ...]
    inputs: tuple[Relation, ...]
    made: tuple[Relation, ...]


def stage(manifest: Mapping[str, Any]) -> Part:
    """All that a built day is, as the model says that is written last."""
    parents = {key.removeprefix(_MODEL) for key in manifest["parent_map"][_MODEL + LAST]}
    return _part(manifest, "requests_in_hand", [*sorted(parents - {IN_HAND}), RESTATED])


def _part(manifest: Mapping[str, Any], landed: str, made: Collection[str]) -> Part:
    nodes = {**manifest["nodes"], **manifest["sources"]}
    parents: Mapping[str, list[str]] = manifest["parent_map"]
    upstream = _closure({_MODEL + name for name in made}, parents)
    downstream = _closure({_SOURCE + landed}, manifest["child_map"])
    models = {key for key in upstream & downstream if key.startswith(_MODEL)}
    inputs = {parent for key in models for parent in parents[key]} | OF_HOOKS

    def relations(keys: Collection[str]) -> tuple[Relation, ...]:
        return tuple(sorted((nodes[key]["schema"], nodes[key]["name"]) for key in keys))

    return Part(
        landed,
        tuple(sorted(nodes[key]["name"] for key in models)),
        relations(inputs - models - {_SOURCE + landed}),
        relations({_MODEL + name for name in made}),
    )


def _closure(found: set[str], edges: Mapping[str, list[str]]) -> set[str]:
    waiting = set(found)
    while waiting:
        waiting = {other for key in waiting for other in edges.get(key, ())} - found
        found = found | waiting
    return found
