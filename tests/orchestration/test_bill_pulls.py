"""Which days a bill's API is asked for."""

from datetime import date

import pytest

from orchestration.assets.bill_pulls import pull_window


@pytest.mark.parametrize(
    ("since", "pulled_until", "today", "window"),
    [
        # the first pull: all of the month before, or everything since `since`, by whole months
        (None, None, "2026-11-21", ("2026-10-01", "2026-11-21")),
        ("2026-08-15", None, "2026-11-21", ("2026-08-01", "2026-11-21")),
        ("2026-11-10", None, "2026-11-21", ("2026-10-01", "2026-11-21")),
        # later ones: what may be restated, and what a pause left out
        ("2026-01-01", "2026-11-20", "2026-11-21", ("2026-10-01", "2026-11-21")),
        ("2026-01-01", "2026-05-20", "2026-11-21", ("2026-05-01", "2026-11-21")),
        (None, "2026-12-31", "2027-01-01", ("2026-12-01", "2027-01-01")),
    ],
)
def test_pulls_ask_for_whole_months_up_to_today(
    since: str | None, pulled_until: str | None, today: str, window: tuple[str, str]
) -> None:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    found = pull_window(day(since), day(pulled_until), date.fromisoformat(today))
    assert tuple(bound.isoformat() for bound in found) == window


@pytest.mark.parametrize(
    ("pulled_until", "first"),
    [(None, "2026-10-01"), ("2026-11-28", "2026-10-30"), ("2026-10-11", "2026-10-11")],
)
def test_of_an_api_that_answers_30_days_what_was_pulled_before_stays(
    pulled_until: str | None, first: str
) -> None:
    """A day that nobody has pulled is asked for, so that the pull says that it is lost."""
    until = date.fromisoformat(pulled_until) if pulled_until else None
    window = pull_window(None, until, date(2026, 11, 29), 30)
    assert window == (date.fromisoformat(first), date(2026, 11, 29))
