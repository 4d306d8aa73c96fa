import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.bills.openai.reader import read_bill
from ingestion.records import SourceError
from tests.ingestion.bills.bill_pages import OCTOBER, bill, cost, openai_bucket, page, rows

FIXTURES = Path(__file__).parent / "fixtures"
OPENAI = bill("openai")


def read_one(*results: str):
    return dict(read_bill({"p.json": page(openai_bucket(1, *results))}, OPENAI))["p.json"]


def test_a_page_of_costs_becomes_charges_in_dollars() -> None:
    parsed = dict(read_bill({"any-name": (FIXTURES / "openai_costs.json").read_bytes()}, OPENAI))
    charges = parsed["any-name"].rows["charges"]
    assert [c["billed_cost_in_billing_currency"] for c in charges] == [
        Decimal("0.060000000000"),
        Decimal("0.100000000000"),
        Decimal("1.230000000000"),
        Decimal("-3.250000000000"),
        Decimal("0.000000100000"),
    ]
    first = charges[0]
    assert (first["model"], first["meter"], first["service_tier"]) == (
        "gpt-5.5-2026-04-23",
        "input",
        "standard",
    )
    assert (first["sub_account_id"], first["credential_id"], first["principal_id"]) == (
        "proj_abc",
        "key_1",
        "user_1",
    )
    assert (first["consumed_quantity"], first["consumed_unit"]) == (Decimal(10000), "tokens")
    assert (charges[1]["consumed_quantity"], charges[1]["consumed_unit"]) == (
        Decimal("2500"),
        "tokens",
    )
    assert [(c["charge_kind"], c["charge_category"]) for c in charges[2:]] == [
        ("tool", "Usage"),
        ("credit", "Credit"),
        ("unparsed", "Usage"),
    ]
    assert {c["billing_currency"] for c in charges} == {"USD"}
    assert {c["grouping"] for c in charges} == {"api_key_id,line_item,project_id,user_id"}


def test_money_is_the_literal_and_never_a_float() -> None:
    # 0.1 + 0.2 as floats, and digits that no float has
    """Trap 8: money is its literal, and no row is rounded to the cent."""
    literals = ["0.1", "0.2", "12345678901.000000000001", "1e-7", "33.300000000000004"]
    charges = read_one(*(cost(literal) for literal in literals)).rows["charges"]
    total = sum(charge["billed_cost_in_billing_currency"] for charge in charges)
    assert total == sum(map(Decimal, literals)).quantize(Decimal("1e-12"))
    assert '"value":12345678901.000000000001' in charges[2]["raw_row"]


def test_money_is_rounded_half_even_at_twelve_places() -> None:
    charges = read_one(cost("0.0000000000005"), cost("0.0000000000015")).rows["charges"]
    values = [charge["billed_cost_in_billing_currency"] for charge in charges]
    assert values == [Decimal("0"), Decimal("0.000000000002")]


def test_an_unknown_line_keeps_its_money() -> None:
    (charge,) = read_one(cost("7.5", line="Sora second generation")).rows["charges"]
    assert (charge["charge_kind"], charge["model"], charge["charge_description"]) == (
        "unparsed",
        None,
        "Sora second generation",
    )
    assert charge["billed_cost_in_billing_currency"] == Decimal("7.5")


@pytest.mark.parametrize(
    ("result", "field"),
    [
        ('{"amount":{"value":"lots","currency":"usd"},"line_item":"x"}', "amount.value"),
        ('{"amount":{"value":true,"currency":"usd"},"line_item":"x"}', "amount.value"),
        ('{"amount":{"value":1},"line_item":"x"}', "amount.currency"),
        ('{"amount":{"value":1e40,"currency":"usd"},"line_item":"x"}', "amount.value"),
        ('{"object":"organization.costs.result","line_item":"x"}', "amount"),
        ('{"amount":{"value":1,"currency":"usd"},"quantity":-4}', "quantity"),
    ],
)
def test_a_bad_result_is_rejected_and_the_rest_loads(result: str, field: str) -> None:
    parsed = read_one(cost("1"), result, cost("2"))
    assert parsed.records == 3
    assert [(r.record_no, r.field) for r in parsed.rejects] == [(1, field)]
    assert [charge["record_no"] for charge in parsed.rows["charges"]] == [0, 2]


def test_a_page_of_another_provider_is_an_error() -> None:
    data = [{"starting_at": "2026-10-01T00:00:00Z", "ending_at": "x", "results": []}]
    with pytest.raises(SourceError, match=r"a\.json is an Anthropic page"):
        dict(read_bill({"a.json": json.dumps({"data": data, "has_more": False}).encode()}, OPENAI))


def test_an_empty_bucket_lands_as_a_bucket_without_rows() -> None:
    parsed = dict(
        read_bill({"p.json": page(openai_bucket(1, cost("1")), openai_bucket(2))}, OPENAI)
    )
    buckets = parsed["p.json"].rows["bill_buckets"]
    day = timedelta(days=1)
    assert [(b["bucket_start"], b["bucket_end"], b["row_count"]) for b in buckets] == [
        (OCTOBER, OCTOBER + day, 1),
        (OCTOBER + day, OCTOBER + 2 * day, 0),
    ]
    assert parsed["p.json"].records == 1
    assert {bucket["report"] for bucket in buckets} == {"costs"}


def test_usage_meters_are_disjoint_and_add_up() -> None:
    """Trap 12: OpenAI's input contains what was cached."""
    parsed = dict(read_bill({"u": (FIXTURES / "openai_usage.json").read_bytes()}, OPENAI))["u"]
    usage = parsed.rows["provider_usage"]
    first = {row["meter"]: row["quantity"] for row in usage if row["record_no"] == 0}
    assert first == {
        "input": 450,
        "cache_read": 400,
        "cache_write_5m": 100,
        "output": 280,
        "audio_input": 50,
        "audio_output": 20,
    }
    assert [row["requests"] for row in usage if row["record_no"] == 0] == [5] + [None] * 5
    assert {row["service_tier"] for row in usage if row["record_no"] == 0} == {"standard"}
    batch = [row for row in usage if row["record_no"] == 1]
    assert [(row["meter"], row["quantity"], row["service_tier"]) for row in batch] == [
        ("input", 10, "batch")
    ]
    # A result that used nothing still lands as the record it is.
    idle = [row for row in usage if row["record_no"] == 2]
    assert [(row["meter"], row["quantity"], row["requests"]) for row in idle] == [("input", 0, 1)]
    assert [(reject.record_no, reject.reason) for reject in parsed.rejects] == [
        (3, "not the sum of uncached, cached and cache-write tokens"),
        (4, "negative count"),
    ]
    assert parsed.records == 5
    assert {row["report"] for row in usage} == {"usage_completions"}


def test_other_usage_reports_have_their_own_meter() -> None:
    result = (
        '{"object":"organization.usage.web_search_calls.result","num_requests":7,'
        '"num_model_requests":3,"model":"gpt-5.5","project_id":"proj_hr"}'
    )
    (row,) = rows({"p": read_one(result)}, "provider_usage")
    assert (row["report"], row["meter"], row["quantity"], row["requests"]) == (
        "usage_web_search_calls",
        "web_searches",
        7,
        3,
    )
