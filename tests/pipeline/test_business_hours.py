"""Which UTC hours are business hours: by the clock of the place, on that day."""

from pathlib import Path
from typing import Final

import duckdb
import jinja2
import pytest

from ingestion.workspace.sections.business_hours import BusinessHours

MACRO: Final = Path(__file__).parents[2] / "dbt_project/macros/budgets/business_hours.sql"


def is_business_hour(zone: str, hours: BusinessHours | None, utc_hour: str) -> bool | None:
    said = (
        {}
        if hours is None
        else {"days": hours.numbers(), "begins": hours.begins, "ends": hours.ends}
    )
    words = {"business_hours": said, "timezone": zone}
    template = jinja2.Environment().from_string(
        f"{MACRO.read_text()}{{{{ is_business_hour('utc_hour') }}}}"
    )
    sql = template.render(var=lambda name: words[name])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        [(found,)] = connection.execute(
            f"select {sql} from (select timestamp '{utc_hour}' as utc_hour)"
        ).fetchall()
    return None if found is None else bool(found)


WORK: Final = BusinessHours()
BERLIN: Final = "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "hours", "utc_hour", "expected"),
    [
        # Friday, an hour before and after the clocks go back on Sunday, 2026-10-25
        (BERLIN, WORK, "2026-10-23 06:00", False),
        (BERLIN, WORK, "2026-10-23 07:00", True),
        (BERLIN, WORK, "2026-10-23 15:00", True),
        (BERLIN, WORK, "2026-10-23 16:00", False),
        (BERLIN, WORK, "2026-10-26 07:00", False),
        (BERLIN, WORK, "2026-10-26 08:00", True),
        (BERLIN, WORK, "2026-10-26 16:00", True),
        (BERLIN, WORK, "2026-10-26 17:00", False),
        # and forward on 2026-03-29
        (BERLIN, WORK, "2026-03-27 07:00", False),
        (BERLIN, WORK, "2026-03-30 07:00", True),
        # Saturday
        (BERLIN, WORK, "2026-10-24 09:00", False),
        # Monday there is Sunday in UTC, and the other way round
        ("Pacific/Auckland", WORK, "2026-06-07 21:00", True),
        ("America/Los_Angeles", WORK, "2026-06-06 00:00", True),
        ("America/Los_Angeles", WORK, "2026-06-06 01:00", False),
        # 8:30 to 9:30, 17:30 to 18:30
        ("Asia/Kolkata", WORK, "2026-10-05 02:00", False),
        ("Asia/Kolkata", WORK, "2026-10-05 03:00", True),
        ("Asia/Kolkata", WORK, "2026-10-05 12:00", True),
        ("Asia/Kolkata", WORK, "2026-10-05 13:00", False),
        # Sunday 23:30 to Monday 0:30
        ("Asia/Kolkata", BusinessHours(begins=0, ends=1440), "2026-10-04 18:00", True),
        ("Asia/Kolkata", BusinessHours(begins=0, ends=1440), "2026-10-04 17:00", False),
        ("UTC", BusinessHours(("sun",), 1350, 1440), "2026-10-04 22:00", True),
        ("UTC", BusinessHours(("sun",), 1350, 1440), "2026-10-04 21:00", False),
        (BERLIN, None, "2026-10-26 08:00", None),
    ],
)
def test_an_hour_is_of_business_by_the_clock_of_the_place(
    zone: str, hours: BusinessHours | None, utc_hour: str, expected: bool | None
) -> None:
    assert is_business_hour(zone, hours, utc_hour) is expected
