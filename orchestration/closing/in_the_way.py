"""Why a month cannot be booked now, closed or accrued: one sentence each."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import month_statuses
from orchestration.closing.entry import next_month
from orchestration.exports.months import refusal
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.running.last_run import built


def not_over(workspace: Workspace, month: date) -> str:
    """The sentence for a month that has not ended in the workspace's timezone, else empty."""
    after = next_month(month)
    if datetime.now(ZoneInfo(workspace.timezone)).date() >= after:
        return ""
    return f"it ends on {after - timedelta(days=1)}: close it from {after} on"


def in_the_way(workspace: Workspace, month: date, booked: Collection[date]) -> tuple[str, str]:
    """What is in the way of the month, else empty, and its status; `booked`: months that are."""
    if why := not_over(workspace, month):
        return why, ""
    if other := built(workspace):
        return f"{', '.join(other)}: not as a whole run left it: `tollbook run` first", ""
    with open_marts(workspace.marts) as connection:
        statuses = month_statuses(connection)
        if month not in statuses:
            known = ", ".join(f"{known:%Y-%m}" for known in statuses) or "none"
            return f"the marts have no such month: they have {known}", ""
        why = _order(statuses, month, booked) or refusal(connection, month, statuses[month])
        return why or _failed(connection), statuses[month]


def _order(known: Collection[date], month: date, booked: Collection[date]) -> str:
    """After the first month that is booked none is left out."""
    if not booked:
        return ""
    last = max(booked)
    if before := [each for each in known if last < each < month]:
        return f"{min(before):%Y-%m} is open: months close in their order, that one first"
    if month < last:
        return f"{last:%Y-%m} is closed already, and months close in their order"
    return ""


def _failed(connection: duckdb.DuckDBPyConnection) -> str:
    failed = read_origin(connection).failed_sources
    for name, why in sorted(failed.items()):
        return f"source {name} could not be read: {why}"
    return ""
