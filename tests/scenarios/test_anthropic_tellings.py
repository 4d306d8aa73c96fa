"""Anthropic's month in several tellings: pages of its reports by key, its legacy ones and FOCUS.

They go to the same owners wherever both have the key, else the run says which dollars are coarser.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.ingestion.bills.analytics_pages import analytics_page, cost_row, usage_row
from tests.ingestion.bills.bill_pages import anthropic_bucket, page
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company
from tests.scenarios.test_many_tellings import table

OPUS, HAIKU = "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001"
SETTINGS = """\
company: Tellings
gateways:
  - name: proxy
    format: generic
    location: logs
    columns:
      credential_hint: key
      gateway_team: team
      service_tier: service
      web_searches: searches
      cache_write_1h_quantity: written
bills:
  - {name: bill, format: FORM, account: org-a, location: bill}
"""


class Line(NamedTuple):
    """Of an hour of a key: what was counted and its cents."""

    at: str
    key: str
    workspace: str
    model: str
    tier: str
    token_type: str
    tokens: int
    cents: str


READ, WRITE = "cache_read_input_tokens", "cache_creation.ephemeral_1h_input_tokens"
INPUT, OUTPUT = "uncached_input_tokens", "output_tokens"
LINES: Final = (
    Line("2026-10-05T10", "apikey_a", "w1", OPUS, "standard", INPUT, 1000, "0.5"),
    Line("2026-10-05T10", "apikey_a", "w1", OPUS, "standard", OUTPUT, 100, "0.25"),
    Line("2026-10-05T10", "apikey_b", "w1", OPUS, "standard", INPUT, 2000, "1"),
    Line("2026-10-05T10", "apikey_b", "w1", OPUS, "standard", READ, 80, "0.004"),
    Line("2026-10-05T10", "apikey_b", "w1", OPUS, "standard", WRITE, 40, "0.04"),
    Line("2026-10-05T23", "apikey_a", "w1", OPUS, "batch", INPUT, 600, "0.15"),
    # what no gateway logged, by a key that has an owner and by one that has none
    Line("2026-10-06T08", "apikey_c", "w2", HAIKU, "standard", INPUT, 5000, "0.5"),
    Line("2026-10-06T09", "apikey_d", "w2", HAIKU, "standard", OUTPUT, 70, "0.035"),
)
SEARCHES: Final = 3
CENTS_OF_SEARCHES: Final = "3"
# an invoice is in whole cents
ROUNDING: Final = Decimal("-0.00479")
PAYABLE = sum(Decimal(line.cents) for line in LINES) + Decimal(CENTS_OF_SEARCHES)


def calls() -> Iterator[dict[str, Any]]:
    said = {"provider": "anthropic"}
    yield call(
        "2026-10-05T10:00:00Z", OPUS, 1000, 100, key="apikey_a", team="a", searches=SEARCHES, **said
    )
    yield call(
        *("2026-10-05T10:10:00Z", OPUS, 2120),
        **{"key": "apikey_b", "cached_tokens": 80, "written": 40, **said},
    )
    yield call("2026-10-05T23:00:00Z", OPUS, 600, key="apikey_a", team="z", service="batch", **said)


def analytics() -> Iterator[tuple[str, bytes]]:
    """Money and use by key and hour, as the query by service tier gives them."""
    group = {"context_window": "0-200k", "cost_type": "tokens"}
    yield (
        "cost",
        analytics_page(
            *(
                cost_row(line.at, line.cents, group, token_type=line.token_type, **keys(line))
                for line in LINES
            ),
            cost_row(LINES[0].at, CENTS_OF_SEARCHES, {"cost_type": "web_search"}, **key(LINES[0])),
        ),
    )
    yield "usage", analytics_page(*(use(line, group) for line in LINES))


def use(line: Line, group: dict[str, str]) -> dict[str, Any]:
    row = usage_row(line.at, 0, group, **keys(line))
    where = row["usage"]
    *parents, name = line.token_type.split(".")
    for parent in parents:
        where = where[parent]
    where[name] = line.tokens
    if line is LINES[0]:
        row["usage"]["server_tool_use"]["web_search_requests"] = SEARCHES
    return row


def key(line: Line) -> dict[str, str]:
    return {"api_key_id": line.key, "workspace_id": line.workspace, "model": line.model}


def keys(line: Line) -> dict[str, str]:
    return {**key(line), "service_tier": line.tier}


def focus(*, with_keys: bool) -> str:
    """By the hour and key, or by neither, as an export made of the legacy report has it."""
    return table([focus_row(*said, with_keys) for said in words()])


def words() -> Iterator[tuple[Line, str, str, str]]:
    """Words of the description, cents and quantity of each line."""
    described = {
        INPUT: "Input Tokens",
        OUTPUT: "Output Tokens",
        READ: "Cache Read Input Tokens",
        WRITE: "Cache Write Tokens (1h)",
    }
    for line in LINES:
        yield line, f"Claude Usage - {described[line.token_type]}", line.cents, f"{line.tokens}"
    yield LINES[0], "Web Search Usage", CENTS_OF_SEARCHES, f"{SEARCHES}"


def focus_row(
    line: Line, described: str, cents: str, quantity: str, with_key: bool
) -> dict[str, str]:
    hour = datetime.fromisoformat(line.at)
    start, length = (hour, 1) if with_key else (hour.replace(hour=0), 24)
    searches = described.startswith("Web")
    details = {"ModelId": line.model} | ({} if searches else {"ServiceTier": line.tier})
    return {
        "BilledCost": f"{Decimal(cents) / 100}",
        "BillingAccountId": "org-a",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": described,
        "ChargePeriodStart": f"{start:%Y-%m-%dT%H:00:00Z}",
        "ChargePeriodEnd": f"{start + timedelta(hours=length):%Y-%m-%dT%H:00:00Z}",
        "ConsumedQuantity": quantity,
        "ConsumedUnit": "Requests" if searches else "Tokens",
        "ProviderName": "Anthropic",
        "ServiceName": "Claude API",
        "SkuPriceDetails": json.dumps(details | {"ContextWindow": "0-200k"}),
        "SubAccountId": line.workspace,
        "x_CredentialId": line.key if with_key else "",
    }


TOLD: Final = """
    select
        usage_date, sub_account, credential_id, model, meter, service_tier, feature, team, quantity,
        match_level, allocation_method, residual_cause, sum(billed_cost)
    from fct_cost_allocations group by all order by all
"""


def company(project: CompiledProject, folder: Path, form: str, **bill: str | bytes) -> Company:
    files = {
        "logs/a.jsonl": log(calls()),
        "reference/credentials.csv": (
            "source,credential_id,team_id,feature\nbill,apikey_b,b,chat\nbill,apikey_c,c,\n"
        ),
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,currency\n"
            f"anthropic,org-a,I-1,2026-10,{round(PAYABLE) / 100},USD\n"
        ),
    }
    suffix = "csv" if form == "focus" else "json"
    told = {
        f"bill/{name}.{suffix}": text.decode() if isinstance(text, bytes) else text
        for name, text in bill.items()
    }
    return Company(project, write_company(folder, files | told, SETTINGS.replace("FORM", form)))


def test_one_bill_of_anthropic_in_two_tellings(project: CompiledProject, tmp_path: Path) -> None:
    """By key and hour as the API's pages and as FOCUS: the same owners, by the same keys."""
    pages = company(project, tmp_path / "pages", "anthropic", **dict(analytics()))
    focused = company(project, tmp_path / "focus", "focus", october=focus(with_keys=True))
    assert pages.query(TOLD) == focused.query(TOLD)
    tied = "select invoice_status, billed, unexplained from mart_reconciliation_monthly"
    assert pages.query(tied) == focused.query(tied) == [("tied", Decimal("0.05"), 0)]
    assert focused.by("coalesce(residual_cause, team)") == {
        "a": Decimal("0.0375"),
        "z": Decimal("0.0015"),
        "b": Decimal("0.01044"),
        "outside_gateway": Decimal("0.00535"),
        "rounding": ROUNDING,
    }
    owned = "residual_cause || ' of ' || team"
    assert focused.by(owned).pop("outside_gateway of c") == Decimal("0.005")


def legacy() -> Iterator[tuple[str, bytes]]:
    """Money by workspace and day, and use by key, from which Tollbook splits it."""
    costs: dict[int, dict[tuple[str, ...], Decimal]] = {5: {}, 6: {}}
    uses: dict[int, list[str]] = {5: [], 6: []}
    for line in LINES:
        day, sums = int(line.at[8:10]), costs[int(line.at[8:10])]
        place = line.workspace, line.model, line.tier, line.token_type
        sums[place] = sums.get(place, Decimal(0)) + Decimal(line.cents)
        row = use(line, {"context_window": "0-200k"})
        uses[day].append(json.dumps(row["usage"] | keys(line) | {"context_window": "0-200k"}))
    yield "cost", page(*(anthropic_bucket(day, *billed(sums)) for day, sums in costs.items()))
    yield "usage", page(*(anthropic_bucket(day, *rows) for day, rows in uses.items()))


def billed(sums: dict[tuple[str, ...], Decimal]) -> Iterator[str]:
    for (workspace, model, tier, token_type), cents in sums.items():
        said = {"cost_type": "tokens", "context_window": "0-200k", "currency": "USD"}
        said |= {"workspace_id": workspace, "model": model, "service_tier": tier}
        described = f"{model} Usage - {token_type}"
        more = {"amount": f"{cents}", "token_type": token_type, "description": described}
        yield json.dumps(said | more)


def test_the_run_says_which_dollars_focus_without_keys_makes_coarser(
    project: CompiledProject, tmp_path: Path
) -> None:
    """The legacy report has no key either, but its report of use has: FOCUS has no such report."""
    pages = company(project, tmp_path / "pages", "anthropic", **dict(legacy()))
    focused = company(project, tmp_path / "focus", "focus", october=focus(with_keys=False))
    tokens = """
        select
            usage_date, sub_account, model, meter, service_tier, team,
            sum(quantity), sum(billed_cost)
        from fct_cost_allocations
        where residual_cause is null and meter <> 'web_searches' group by all order by all
    """
    assert pages.query(tokens) == focused.query(tokens) != []
    outside = (
        "select team, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause = 'outside_gateway' group by all order by all"
    )
    of_c, of_d = Decimal("0.005"), Decimal("0.00035")
    assert pages.query(outside) == [("__unallocated__", of_d), ("c", of_c)]
    assert focused.query(outside) == [("__unallocated__", of_d + of_c)]
    lacking = (
        "select state, is_in_use, residual_cost from mart_owner_readiness where setting = 'api_key'"
    )
    assert pages.query(lacking) == [("unowned", True, of_d)]
    assert focused.query(lacking) == [("missing", False, of_d + of_c)]
