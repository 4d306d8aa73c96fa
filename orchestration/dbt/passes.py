"""Passes of the request stage, where more requests landed than a build takes in hand at once.

Which records stand is decided first, in rounds of as many. The last pass is part of the whole
build: where all fits, there is no other.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.dbt.invocation import build_folder, dbt_manifest, invoke_dbt

# Makes what hears the events of one invocation of dbt.
Hearing = Callable[[], Callable[[dict[str, Any]], Any]]
# So many requests are in hand at once, and more where one day has more.
REQUESTS_IN_HAND: Final = 1_000_000
# Of them a pass takes so many hundredths: who has several has large days, whose files take more
# memory to write.
HUNDREDTHS_OF_A_PASS: Final = 70
# What decides which records stand; which days have changed, and all that days are built of; what is
# built of those in hand.
STANDING: Final = ("run", "--select", "+int_record_days")
DECIDING: Final = (
    *("run", "--select", "+int_days_built", "+int_day_restatements"),
    *("--exclude", "int_days_in_hand+"),
)
STAGE: Final = (
    *("build", "--exclude", "resource_type:unit_test", "--indirect-selection", "buildable"),
    *("--select", "int_days_in_hand+,+int_days_built", "int_days_in_hand+,+int_day_restatements"),
)
LANDED: Final = """
    SELECT coalesce(sum(landed), 0) FROM landing.objects
    WHERE is_current AND kind = 'gateway'
"""
UNDECIDED: Final = """
    SELECT count(*) FROM intermediate.int_start_days
    ANTI JOIN seen.decided_days USING (source, start_day, start_hash)
"""
# Changed days that the next pass leaves.
LEFT: Final = """
    WITH changed AS (
        SELECT requests, sum(requests) OVER (ORDER BY usage_date) AS requests_so_far
        FROM intermediate.int_day_inputs
        ANTI JOIN built.built_days USING (usage_date, day_hash)
    )
    SELECT count(*) FROM changed
    WHERE requests_so_far > ? AND requests_so_far > requests
"""


def passes_before(
    workspace: Workspace, in_hand: int | None, heard: Hearing
) -> Iterator[tuple[Any, int]]:
    """dbt's result of each, and the changed days that were left before it.

    The next one counts on the days of the one before being noted as built.
    """
    if in_hand is None or _ask(workspace, LANDED) <= in_hand:
        return
    for standing in rounds_of_records(workspace, in_hand, heard):
        yield standing, 0
    in_pass = in_hand * HUNDREDTHS_OF_A_PASS // 100
    yield _result(workspace, DECIDING, in_pass, heard), 0
    while left := _ask(workspace, LEFT, in_pass):
        yield _result(workspace, STAGE, in_pass, heard), left


def rounds_of_records(workspace: Workspace, in_hand: int, heard: Hearing) -> Iterator[Any]:
    """dbt's result of each round that decides which records stand; none where all fits."""
    if _ask(workspace, LANDED) <= in_hand:
        return
    yield _result(workspace, STANDING, in_hand, heard)
    while _ask(workspace, UNDECIDED):
        yield _result(workspace, STANDING, in_hand, heard)


def _result(workspace: Workspace, command: tuple[str, ...], in_hand: int, heard: Hearing) -> Any:
    arguments = ["--no-write-json", *command]
    manifest, target = dbt_manifest(workspace), build_folder(workspace)
    to_decide = in_hand if command == STANDING else None
    return invoke_dbt(workspace, target, arguments, heard(), manifest, in_hand, to_decide)


def _ask(workspace: Workspace, question: str, *values: int) -> int:
    with duckdb.connect(workspace.warehouse, read_only=True) as connection:
        [(count,)] = connection.execute(question, list(values)).fetchall()
    return int(count)
