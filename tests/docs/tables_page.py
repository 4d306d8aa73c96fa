"""docs/tables.md: what the YAML of the marts says of each table and column."""

from pathlib import Path
from typing import Any, Final

import yaml

MARTS: Final = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
TOP: Final = """\
# Tables

All in schema `main` of `marts.duckdb`; money is `decimal(38,12)` and never a float. Made from the
YAML of the marts (`make docs`). How a tool reads the file: [bi.md](bi.md); what to ask it:
[questions.md](questions.md).
"""
ENDINGS: Final = (".", "!", "?")


def models() -> list[dict[str, Any]]:
    """Facts, then marts, then dimensions, in the order of their names."""
    found = [
        model
        for file in sorted(MARTS.rglob("*.yml"))
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    ]
    order = ("fct", "mart", "dim")
    return sorted(
        found, key=lambda model: (order.index(model["name"].split("_")[0]), model["name"])
    )


def page() -> str:
    found = models()
    index = "".join(f"| [`{m['name']}`](#{m['name']}) | {_cell(m)} |\n" for m in found)
    tables = "\n".join(_table(model) for model in found)
    return f"{TOP}\n| table | what a row is |\n|---|---|\n{index}\n{tables}"


def _table(model: dict[str, Any]) -> str:
    rows = "".join(f"| `{column['name']}` | {_cell(column)} |\n" for column in model["columns"])
    return f"## {model['name']}\n\n{_cell(model)}\n\n| column | what it says |\n|---|---|\n{rows}"


def _cell(described: dict[str, Any]) -> str:
    text = " ".join(str(described.get("description", "")).split()).replace("|", "\\|")
    return text if text.endswith(ENDINGS) or not text else f"{text}."
