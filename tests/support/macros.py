"""Which macros of the project a model, a test or a macro calls, as dbt's manifest has it."""

from collections.abc import Iterable, Mapping
from typing import Any


def macros_called(manifest: Mapping[str, Any], callers: Iterable[Mapping[str, Any]]) -> set[str]:
    """Files of the macros that they call, at any distance."""
    waiting = {key for caller in callers for key in caller["depends_on"]["macros"]}
    found: set[str] = set()
    while waiting:
        found |= waiting
        nested = {
            key
            for name in waiting
            for key in manifest["macros"].get(name, {"depends_on": {"macros": []}})["depends_on"][
                "macros"
            ]
        }
        waiting = nested - found
    return {
        macro["original_file_path"]
        for key, macro in manifest["macros"].items()
        if key in found and macro["package_name"] == "tollbook"
    }
