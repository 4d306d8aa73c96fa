"""dbt's exposures are what leaves the warehouse, and read what they say they read."""

import re
from typing import Any, Final

import pytest

from orchestration.dbt.invocation import read_manifest
from orchestration.running.working_folder import REPOSITORY
from tests.orchestration.small_warehouse import write_workspace

RELATION: Final = re.compile(r"\b(?:dim|fct|mart)_[a-z_]+\b")
# what makes and publishes the marts names all of them, or one for its own sake
MAKERS: Final = ("assets", "dbt", "publishing", "warehouse", "asset_keys.py")
# what all readers of a month read, to know whether it changed: tests/statements/test_made_of.py
HASHED: Final = "orchestration/exports/made_of.py"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(write_workspace(tmp_path_factory.mktemp("exposures")))


@pytest.fixture(scope="module")
def exposures(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {exposure["name"]: exposure for exposure in manifest["exposures"].values()}


def test_an_exposure_reads_what_its_code_names(
    manifest: dict[str, Any], exposures: dict[str, dict[str, Any]]
) -> None:
    marts = _marts(manifest)
    for name, exposure in exposures.items():
        told = {place.split(".")[-1] for place in exposure["depends_on"]["nodes"]}
        named = {mart for place in _code(exposure) for mart in _named(place)} & marts
        # the two files of a month are written by one module
        assert told <= named, name
    for place in sorted({place for exposure in exposures.values() for place in _code(exposure)}):
        there = {name for name, exposure in exposures.items() if place in _code(exposure)}
        told = {
            node.split(".")[-1] for name in there for node in exposures[name]["depends_on"]["nodes"]
        }
        assert _named(place) & marts <= told, place


def test_every_reader_of_marts_is_an_exposure(
    manifest: dict[str, Any], exposures: dict[str, dict[str, Any]]
) -> None:
    covered = tuple(place for exposure in exposures.values() for place in _code(exposure))
    readers = [
        file.relative_to(REPOSITORY).as_posix()
        for file in sorted((REPOSITORY / "orchestration").rglob("*.py"))
        if file.relative_to(REPOSITORY / "orchestration").parts[0] not in MAKERS
        and file != REPOSITORY / HASHED
        and _named(file.relative_to(REPOSITORY).as_posix()) & _marts(manifest)
    ]
    assert [reader for reader in readers if not reader.startswith(covered)] == []


def test_every_model_has_a_group_and_every_mart_a_contract(manifest: dict[str, Any]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert [model["name"] for model in models if not model["config"].get("group")] == []
    marts = [model for model in models if model["schema"] == "main"]
    assert marts
    assert [mart["name"] for mart in marts if not mart["config"]["contract"]["enforced"]] == []
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert {model["config"]["group"] for model in models} == owners.keys()


def _marts(manifest: dict[str, Any]) -> set[str]:
    return {node["name"] for node in manifest["nodes"].values() if node.get("schema") == "main"}


def _code(exposure: dict[str, Any]) -> list[str]:
    return list(exposure["config"]["meta"]["code"])


def _named(place: str) -> set[str]:
    path = REPOSITORY / place
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return {name for file in files for name in RELATION.findall(file.read_text(encoding="utf-8"))}
