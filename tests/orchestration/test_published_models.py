"""What dbt's manifest says is published."""

from pathlib import Path

from orchestration.dbt.published_models import (
    PublishedAs,
    PublishedModel,
    published_models,
    without_database,
)


def test_views_lose_their_database_and_come_after_what_they_read(tmp_path: Path) -> None:
    def node(name: str, materialized: str, *parents: str, **config: object) -> dict[str, object]:
        return {
            "resource_type": "model",
            "schema": "main",
            "alias": name,
            "database": "w",
            "package_name": "tollbook",
            "original_file_path": f"models/{name}.sql",
            "config": {"materialized": materialized, **config},
            "depends_on": {"nodes": list(parents)},
        }

    manifest = {
        "nodes": {
            "a": node("a", "view", "b", "hidden"),
            "b": node("b", "view", meta={"publish": "parquet_by_day"}),
            "c": node("c", "by_month"),
            "hidden": {**node("h", "table"), "schema": "staging"},
        }
    }
    compiled = tmp_path / "tollbook/models/a.sql"
    compiled.parent.mkdir(parents=True)
    compiled.write_text("""select 'w"."' as odd from "w"."main"."b\"""")
    assert published_models(manifest, tmp_path) == [
        PublishedModel("b", PublishedAs.PARQUET_BY_DAY),
        PublishedModel("c", PublishedAs.TABLE_BY_MONTH),
        PublishedModel("a", PublishedAs.VIEW, """select 'w"."' as odd from "main"."b\""""),
    ]
    assert without_database('"ww"."main"', "w") == '"ww"."main"'
