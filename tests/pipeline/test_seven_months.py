"""From showback to the ledger: seven months of a company, and six changes of its closed ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pytest

from tests.journals.vendor_pages import read
from tests.pipeline.older_release import older_release, run_in
from tests.pipeline.seven_months import MONTHS, write_seven_months
from tests.pipeline.seven_months_changes import (
    CHANGES,
    CREDITED,
    LATE,
    MOVED,
    REPRICED,
    RESTATED,
)
from tests.pipeline.test_accrual import rows_of
from tests.pipeline.test_close import bytes_below, told
from tests.pipeline.workspaces import copy_sources, query

# a first run, three closes by the command, an upgrade, five changes and a fresh build
pytestmark = pytest.mark.whole

NAMES: Final = [f"{month:%Y-%m}" for month in MONTHS]
CLOSED: Final = NAMES[:6]
LAST: Final = NAMES[6]
CORRECTIONS: Final = """
    select strftime(billing_month, '%Y-%m'), provider, billing_account, team, feature, reason,
        part, status, sum(amount)
    from mart_corrections group by all order by all
"""
KNOWN: Final = """
    select strftime(billing_month, '%Y-%m'), provider, billing_account, team, feature,
        sum(billed_cost)
    from fct_cost_allocations group by all
"""
POSTED: Final = f"""
    select team, sum(correction_cost) from mart_chargeback_monthly
    where billing_month = '{MONTHS[6]}' group by all having sum(correction_cost) <> 0 order by all
"""
Rows = list[tuple[Any, ...]]
# month, provider, account, team, feature
Amounts = dict[tuple[str, ...], Decimal]


@dataclass(frozen=True, slots=True)
class Story:
    """A company, and what was there at its turns; `fresh`: built anew of the same sources."""

    folder: Path
    left: Mapping[str, str]
    upgraded: Rows
    posted_by_upgrade: Rows
    changed: Rows
    fresh: Path


def left_of(folder: Path, months: Iterable[str]) -> dict[str, str]:
    """Files of closed months -> their hashes: the ledger's, and what left for finance."""
    return {
        f"{place}/{month}/{name}": digest
        for place in ("ledger", "exports")
        for month in months
        for name, digest in bytes_below(folder / place / month).items()
    }


def does(folder: Path, *arguments: str) -> None:
    done, said = told(folder, *arguments)
    assert done, said


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """An older release closes six months, one after another; then they change, and one more closes.

    Two closes of three are the job that its schedule starts, which leaves the rest to the next run.
    """
    place = tmp_path_factory.mktemp("seven")
    folder = write_seven_months(place / "company")
    closes = [("job", "close", month) for month in CLOSED]
    closes[2], closes[5] = ("close", CLOSED[2]), ("close", CLOSED[5])
    run_in(older_release(place / "older"), folder, [("run",), *closes])
    left = left_of(folder, CLOSED)
    does(folder, "run")
    upgraded, posted = query(folder, CORRECTIONS), query(folder, POSTED)
    for change in CHANGES:
        change(folder)
    does(folder, "run")
    changed = query(folder, CORRECTIONS)
    does(folder, "close", LAST)
    copy_sources(folder, place / "fresh")
    does(place / "fresh", "run")
    return Story(folder, left, upgraded, posted, changed, place / "fresh")


def phases(story: Story, month: str) -> dict[str, str]:
    rows = rows_of(story.folder / "exports" / month / "chargeback.csv")
    return {row["team"]: row["phase"] for row in rows if row["team"] in ("red", "blue")}


def test_three_months_of_nothing_three_statements_and_a_journal(story: Story) -> None:
    for names, phase in ((NAMES[:3], "showback"), (NAMES[3:6], "soft")):
        for month in names:
            assert phases(story, month) == {"red": phase, "blue": phase}
            assert not (story.folder / "exports" / month / "journals").exists()
    assert phases(story, LAST) == {"red": "hard", "blue": "soft"}
    [file] = (story.folder / "exports" / LAST / "journals" / "netsuite").iterdir()
    lines = [
        line for each in read("netsuite", file.read_bytes()).journals.values() for line in each
    ]
    charged = [
        Decimal(row["total"])
        for row in rows_of(story.folder / "exports" / LAST / "chargeback.csv")
        if row["team"] == "red"
    ]
    assert sum(amount for account, amount in lines if account == "6100") == sum(charged) > 0
    assert sum(amount for _, amount in lines) == 0


def test_an_upgrade_posts_nothing_by_itself(story: Story) -> None:
    """Every closed month is another one by the new rule: 11.52 by cost, and not by tokens."""
    expected = [
        (month, "mistral", "org-m", team, f"{team}-desk", "method", "owners", "waits", amount)
        for month in CLOSED
        for team, amount in (("blue", Decimal("1.56")), ("red", Decimal("-1.56")))
    ]
    assert [(*row[:8], round(row[8], 6)) for row in story.upgraded] == expected
    assert story.posted_by_upgrade == []


def test_each_change_has_its_own_reason_and_waits_or_posts(story: Story) -> None:
    """By month: the upgrade's waits in each, named by the price or the move where there is one."""
    found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for month, _, _, _, _, reason, part, status, _ in story.changed:
        found[month].add((reason, part, status))
    upgrade = ("method", "owners", "waits")
    assert found == {
        NAMES[0]: {upgrade},
        f"{LATE:%Y-%m}": {upgrade, ("late_log", "owners", "posts")},
        f"{RESTATED:%Y-%m}": {upgrade, ("restated_bill", "vendor", "posts")},
        f"{CREDITED:%Y-%m}": {upgrade, ("credit_note", "vendor", "posts")},
        f"{REPRICED:%Y-%m}": {("price", "owners", "waits")},
        f"{MOVED:%Y-%m}": {("owner", "owners", "waits")},
    }
    amounts = {row[:6]: row[8] for row in story.changed}
    of_k2 = ("openai", "org-o", "blue", "search")
    assert amounts[f"{RESTATED:%Y-%m}", *of_k2, "restated_bill"] == 5
    assert sum(row[8] for row in story.changed if row[5] == "credit_note") == -3
    assert amounts[f"{MOVED:%Y-%m}", *of_k2, "owner"] == Decimal("-14.40")
    of_blue = ("mistral", "org-m", "blue", "blue-desk")
    assert amounts[f"{REPRICED:%Y-%m}", *of_blue, "price"] == Decimal("3.744")


def test_late_requests_move_between_owners_and_sum_to_nothing_per_account(story: Story) -> None:
    late: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in story.changed:
        if row[5] == "late_log":
            late[row[1], row[2]].append(row[8])
    assert late.keys() == {("openai", "org-o"), ("mistral", "org-m")}
    for amounts in late.values():
        assert sum(amounts) == 0 and max(amounts) > 1


def test_no_byte_of_a_closed_month_changes(story: Story) -> None:
    assert len(story.left) > 6 * 40
    assert left_of(story.folder, CLOSED) == story.left


def summed(rows: Iterable[tuple[Any, ...]]) -> Amounts:
    found: Amounts = defaultdict(Decimal)
    for *key, amount in rows:
        found[tuple(key)] += amount
    return {key: amount for key, amount in found.items() if amount}


def test_the_ledger_and_its_corrections_are_a_fresh_build(story: Story) -> None:
    """By team and feature, of every month and account, to the last place."""
    booked = [
        (
            month,
            *(row[name] for name in ("provider", "billing_account", "team", "feature", "amount")),
        )
        for month in NAMES
        for file in (story.folder / "ledger" / month).glob("*/closed_lines.parquet")
        for row in pq.read_table(file).to_pylist()
    ]
    corrected = [(*row[:5], row[8]) for row in query(story.folder, CORRECTIONS)]
    assert {row[7] for row in query(story.folder, CORRECTIONS)} == {"posted", "no_open_month"}
    fresh = summed(query(story.fresh, KNOWN))
    assert summed([*booked, *corrected]) == fresh and len(fresh) == 7 * len(NAMES)
    # and what is corrected is what leads there: the ledger alone is another thing
    assert summed(booked) != fresh


def test_what_posts_is_in_the_open_months_ledger(story: Story) -> None:
    [file] = (story.folder / "ledger" / LAST).glob("*/posted_corrections.parquet")
    posted = summed((row["team"], row["amount"]) for row in pq.read_table(file).to_pylist())
    by_team = summed((row[3], row[8]) for row in story.changed if row[7] == "posts")
    assert posted == by_team == summed(query(story.folder, POSTED))
