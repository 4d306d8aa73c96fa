"""All of dagster-dbt that it does not promise to keep.

tests/orchestration/test_insides.py fails when an upgrade changes any of it. What it promises is
taken of its modules, too: the package imports all that it has for dbt's cloud.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt.asset_decorator import dbt_assets as dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dagster_dbt.dagster_dbt_translator import DagsterDbtTranslator as DagsterDbtTranslator


def selection_of(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    excluded: str,
) -> tuple[list[str], str | None]:
    """dbt's arguments for the assets and checks that a run wants, and its indirect selection."""
    selection, indirect = get_subset_selection_for_context(
        context=context,
        manifest=manifest,
        select="fqn:*",
        exclude=excluded,
        selector=None,
        dagster_dbt_translator=translator,
        current_dbt_indirect_selection_env=None,
    )
    # of some assets: dagster-dbt names them and leaves out what is excluded
    return [*selection, *([] if "--exclude" in selection else ["--exclude", excluded])], indirect


class NodeEvent:
    """An event of a dbt build."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._message = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
        self._data = raw["data"]

    @property
    def is_result(self) -> bool:
        """Whether a model or test has ended with it."""
        return self._message.is_result_event

    @property
    def node(self) -> str:
        return str(self._data["node_info"]["node_name"])

    @property
    def nodes(self) -> int:
        """How many models and tests the build has, 0 where the event does not say."""
        return int(self._data.get("total") or self._data.get("num_models") or 0)

    def as_dagster(
        self,
        context: dg.AssetExecutionContext,
        manifest: Mapping[str, Any],
        translator: DagsterDbtTranslator,
    ) -> Iterator[Any]:
        """What Dagster is told of it: the asset that was made, the check that passed or failed."""
        yield from self._message.to_default_asset_events(manifest, translator, context)
