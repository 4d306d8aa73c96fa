"""docs/accuracy.md: the table of faults, where they must stand and where they were found."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final

from accuracy.cases import Result
from simulation.company.provider_prices import dollars
from simulation.faults.company import DAYS, REQUESTS, START
from simulation.faults.every_fault import ALL_TOGETHER, FAULTS, STRESSES
from simulation.faults.finding import NO_MONEY_MOVES

AS_FOCUS: Final = f"{ALL_TOGETHER}, as FOCUS"
# the words that the table ends a row with
RIGHT, WRONG = "yes", "NO"
HEADER: Final = """\
# How accurate it is

Written by `make accuracy` (`python -m accuracy --seed {seed}`). Same seed, same page.

A simulated company of {requests} requests in {days} days from {start} (two providers, five models,
five features, four teams, two tiers) is flawless: each attempt logged once, with complete tags,
every price in the book or on a contract. Each fault is laid on it alone, then all of them together.
The workspace is run as `tollbook run` runs it; all numbers are read from the published marts.

* **must stand in**: the place and the amount, computed from what the fault did: how much more, in
  dollars, than in the flawless company. A residual cause says that billed money has no request;
  `rate_variance` that the bill's price is not the contract's; `quantity_variance` that more was
  logged than billed (negative). No other place may move, `unexplained` must be 0.
* **found**: the same, read from `mart_reconciliation_monthly`. It is equal to the pico-dollar
  (1e-12), or the row says `{wrong}`: there is no tolerance.
* **joint**: of the token money, how much stands on its true provider, day, model, feature, team and
  tier, all six at once: the sum of min(found, true) over these keys, divided by the sum of true,
  rounded down. Money that a fault makes unknowable is true only under its cause, its day, its model
  and its credential's owner: not under a feature, however near. At least 99.9 %, or the row says
  `{wrong}`.
* **conserved**: what is allocated is what the invoices say, to the pico-dollar.

Bills that are refused, because nothing says what their money is worth, are in neither measure: all
others are.
"""
IN_CLOUDS: Final = """
## In clouds

The same company with models in clouds: Claude and Nova on Bedrock (one model is sold by the
Marketplace, two have a declared discount), Gemini on Vertex AI and GPT on Azure OpenAI, behind the
same gateway. AWS bills by hour and account in its Cost and Usage Report, Google by hour, project
and SKU in the table of its billing export, whose months are Pacific (September has hours of 1
October), Azure by day and subscription in its actual cost. The same measures; no dollar of another
service may be in it. The last row is a company on AWS and Azure, billed by exports of FOCUS.

AWS's FOCUS has no IAM principal, as its CUR has: a row ends at the linked account. So there
credentials.csv gives the account an owner, not a role. With the role's line alone, what is billed
of the account and logged by no gateway is nobody's (with seed 7 two charges, 0.0924844 of 243, and
joint is 99.9614 %); `mart_owner_readiness` has just these dollars as `linked_account`, `unowned`.
All that requests explain has the same owners in both tellings.
"""
LIMITS: Final = """\
## Where it bends

The same measure far beyond the faults above. No amount is expected; what is allocated is what the
invoices say all the same.

{stresses}

* Tokens on the wrong meter are found as a shift within the day's lines of the bill, but the lines
  do not say whose they were: the surplus is taken from all requests of the key and model.
* A log that lacks tokens and one that invents as many cancel out on one line of the bill, and no
  method that has only a bill and a log can tell. So the faults above that invent tokens have other
  days than those that lose some; all others meet.
* Batch jobs that are billed a day late are found while the days beside them are right. Where every
  day's jobs slip by one, a part of the money stays `unlogged_usage` or `outside_gateway`.
* `correction` is not in the table: it is a closed month's. A restated day of an open month moves no
  money, because the newest complete pull stands.
"""


def page(
    results: Iterable[Result], in_clouds: Iterable[Result], as_focus: Iterable[Result], seed: int
) -> str:
    by_case = {result.case: result for result in results}
    header = HEADER.format(seed=seed, requests=f"{REQUESTS:,}", days=DAYS, start=START, wrong=WRONG)
    rows = [_row("none", by_case[""])]
    rows += [_row(name, by_case[name]) for name in (*FAULTS, ALL_TOGETHER)]
    cloud_rows = [_row(each.case or "none", each) for each in in_clouds]
    cloud_rows += [_row(AS_FOCUS, each) for each in as_focus if each.case]
    stresses = [
        "| | joint | found |",
        "|---|---|---|",
        *(_stress(by_case[name]) for name in STRESSES),
    ]
    tables = [header, *_table(rows), IN_CLOUDS, *_table(cloud_rows), ""]
    return "\n".join([*tables, LIMITS.format(stresses="\n".join(stresses))])


def _table(rows: Iterable[str]) -> Iterator[str]:
    yield "| fault | what was done | must stand in | found | joint | conserved | right |"
    yield "|---|---|---|---|---|---|---|"
    yield from rows


def _row(name: str, result: Result) -> str:
    right = RIGHT if result.is_right else WRONG
    if result.refused:
        found = "refused, all others published" if result.found else WRONG
        stands = [f"refused: `{result.refused}`", found]
    else:
        stands = [_amounts(result.expected), _amounts(result.moved)]
    cells = [*stands, percent(result.joint), "100 %" if result.conserved else WRONG]
    return f"| {' | '.join([name, _done(result), *cells, right])} |"


def _done(result: Result) -> str:
    if result.case == ALL_TOGETHER:
        return "all of the above but those that are refused"
    return "; ".join(finding.done for finding in result.findings)


def _stress(result: Result) -> str:
    return f"| {_done(result)} | {percent(result.joint)} | {_amounts(result.moved)} |"


def _amounts(places: Mapping[str, int]) -> str:
    """`tax 5.33, credit -5.71`, or that no money moves."""
    amounts = [f"{name} {dollars(pico)}" for name, pico in sorted(places.items()) if pico]
    return "<br>".join(amounts) or NO_MONEY_MOVES


def percent(share: Decimal) -> str:
    """`99.9962 %`, rounded down: 100 % is all of it."""
    whole = (share * 100).quantize(Decimal("0.0001"), rounding=ROUND_DOWN)
    return f"{whole.normalize():f} %"
