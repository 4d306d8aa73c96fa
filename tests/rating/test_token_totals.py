"""The last line of defence: a landed row whose meters are not its provider's total."""

from pathlib import Path

import duckdb
import pytest
from rated_requests import instant, land, parents_of, reference, request

from tests.pipeline.compiled_project import CompiledProject

AT = instant("2026-10-20T12:00:00")
METERS = {"input": 5, "cache_read": 128_955, "cache_write_5m": 1_253, "output": 34}


@pytest.mark.parametrize(("total", "fails"), [(130_247, False), (130_246, True), (None, False)])
def test_meters_that_do_not_make_the_total_stop_the_run(
    project: CompiledProject, tmp_path: Path, total: int | None, fails: bool
) -> None:
    row = request("a", "anthropic", "claude-sonnet-4-5", AT, provider_total_tokens=total, **METERS)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        land(connection, [row], reference(tmp_path, {}))
        project.build(connection, only=parents_of(project, "int_requests"))
        found = connection.execute(project.tests["assert_token_meters_are_disjoint"]).fetchall()
    # the request's key is made of its ids and start
    assert [told for _, told in found] == ([total] if fails else [])
