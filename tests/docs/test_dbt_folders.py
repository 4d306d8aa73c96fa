"""The dbt project's folders are the steps of the money's way, and are read in one direction."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from orchestration.dbt.invocation import PROJECT, read_manifest
from tests.orchestration.small_warehouse import write_workspace
from tests.support.macros import macros_called

# A model reads its own folder and those that stand above it.
ORDER: Final = (
    "staging",
    "prices",
    "requests/records",
    "requests/names",
    "requests/changed_days",
    "requests/calls",
    "requests/owners",
    "rating",
    "cells",
    "days",
    "capacity",
    "charges",
    "months",
    "matching",
    "commitments",
    "allocation",
    "sharing",
    "budgets",
    "completeness",
    "marts/facts",
    "marts/request_costs",
    "unallocated",
    "marts/finance",
    "ledger",
    "forecast",
    "marts/chargeback",
    "marts/planning",
    "marts/value",
    "marts/savings",
    "marts/quality",
    "marts/controls",
    "built",
)
# Macros of no step: how dbt builds and tests, what any step says, what differs between engines.
EVERYWHERE: Final = ("building", "common", "engines")
YAML_OF_MODELS: Final = re.compile(r"^models:", re.MULTILINE)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(write_workspace(tmp_path_factory.mktemp("folders")))


def test_every_folder_has_its_place_in_the_order(manifest: dict[str, Any]) -> None:
    assert {_folder(node) for node in _models(manifest).values()} == set(ORDER)


def test_a_model_reads_nothing_of_a_later_folder(manifest: dict[str, Any]) -> None:
    assert arrows_up(manifest) == []


def test_an_arrow_up_is_found(manifest: dict[str, Any]) -> None:
    models = _models(manifest)
    read, reader = "model.tollbook.mart_unallocated", "model.tollbook.int_cells"
    wrong = {**models[reader], "depends_on": {"nodes": [read]}}
    found = arrows_up({"nodes": {**models, reader: wrong}})
    assert found == ["cells/int_cells reads marts/quality/mart_unallocated"]


def test_a_data_test_stands_with_the_last_folder_that_it_reads(manifest: dict[str, Any]) -> None:
    models = _models(manifest)
    wrong = []
    for node in manifest["nodes"].values():
        path = Path(node["original_file_path"])
        if node["resource_type"] != "test" or path.suffix != ".sql":
            continue
        read = [_folder(models[key]) for key in node["depends_on"]["nodes"] if key in models]
        if path.parent.as_posix() != f"tests/{max(read, key=ORDER.index)}":
            wrong.append(path.as_posix())
    assert wrong == []


def test_a_macro_stands_in_the_room_of_the_first_step_that_calls_it(
    manifest: dict[str, Any],
) -> None:
    rooms = (*EVERYWHERE, *dict.fromkeys(folder.split("/")[0] for folder in ORDER))
    ours = [macro for macro in manifest["macros"].values() if macro["package_name"] == "tollbook"]
    assert {_room(macro["original_file_path"]) for macro in ours} <= set(rooms)
    callers = [*_models(manifest).values(), *ours]
    wrong = [
        f"{caller['original_file_path']} calls {called}"
        for caller in callers
        for called in sorted(macros_called(manifest, [caller]))
        if _later(called, caller["original_file_path"], rooms)
    ]
    assert wrong == []


def test_unit_tests_stand_in_folders_of_models() -> None:
    folder = PROJECT / "unit_tests"
    assert {file.parent.relative_to(folder).as_posix() for file in folder.rglob("*.*")} <= set(
        ORDER
    )


def test_a_folder_describes_its_models_in_one_file() -> None:
    """Of models without a line there, the SQL says it all."""
    for folder in ORDER:
        files = (PROJECT / "models" / folder).glob("*.yml")
        described = [file for file in files if YAML_OF_MODELS.search(file.read_text())]
        assert len(described) <= 1, described


def arrows_up(manifest: dict[str, Any]) -> list[str]:
    """Models that read a later folder: with none there is no circle of folders either."""
    models = _models(manifest)
    return [
        f"{_folder(node)}/{node['name']} reads {_folder(models[key])}/{models[key]['name']}"
        for node in models.values()
        for key in node["depends_on"]["nodes"]
        if key in models and ORDER.index(_folder(models[key])) > ORDER.index(_folder(node))
    ]


def _room(path: str) -> str:
    """`macros/prices/prices.sql` and `models/prices/int_list_prices.sql` are in one."""
    return path.split("/")[1]


def _later(called: str, caller: str, rooms: tuple[str, ...]) -> bool:
    """Whether a macro stands in a step after its caller's, or in one at all for what is of none."""
    room, place = _room(called), _room(caller)
    if room in EVERYWHERE:
        return False
    return place in EVERYWHERE or rooms.index(room) > rooms.index(place)


def _models(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: node for key, node in manifest["nodes"].items() if key.startswith("model.")}


def _folder(node: dict[str, Any]) -> str:
    return Path(node["original_file_path"]).parent.relative_to("models").as_posix()
