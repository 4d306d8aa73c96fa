from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.bills.anthropic.reader import read_bill
from ingestion.records import SourceError
from tests.ingestion.bills.bill_pages import anthropic_bucket, bill, page, rows

FIXTURES = Path(__file__).parent / "fixtures"
ANTHROPIC = bill("anthropic")


def test_cost_report_amounts_are_cents_read_exactly() -> None:
    """Trap 7: Anthropic's amounts are cents, OpenAI's are dollars. Scenario 1.2: cents to dollars,
    / 100 in decimals.
    """
    parsed = dict(read_bill({"c": (FIXTURES / "anthropic_cost.json").read_bytes()}, ANTHROPIC))["c"]
    charges = parsed.rows["charges"]
    assert [charge["billed_cost_in_billing_currency"] for charge in charges] == [
        Decimal("4.119"),
        Decimal("1.2378912"),
        Decimal("0.10"),
        Decimal("0.05"),
        Decimal("0.08"),
        Decimal("0.03"),
        Decimal("-2.5"),
    ]
    assert [(c["charge_kind"], c["meter"], c["charge_category"]) for c in charges] == [
        ("tokens", "input", "Usage"),
        ("tokens", "cache_write_1h", "Usage"),
        ("tool", "web_searches", "Usage"),
        ("tool", "code_sessions", "Usage"),
        ("session", None, "Usage"),
        ("unparsed", None, "Usage"),
        ("credit", None, "Credit"),
    ]
    first, second = charges[:2]
    assert (first["model"], first["context_band"], first["region"], first["sub_account_id"]) == (
        "claude-opus-5",
        "base",
        None,
        "wrkspc_1",
    )
    assert (second["context_band"], second["region"], second["service_tier"]) == (
        "long",
        "us",
        "batch",
    )
    # Grouped by workspace: NULL is the default workspace, not "not grouped".
    assert second["sub_account_id"] == "default"
    assert first["consumed_quantity"] is None
    assert first["grouping"] == "description,inference_geo,workspace_id"
    assert '"amount":"123.78912"' in second["raw_row"]


def test_an_ungrouped_cost_report_has_no_default_workspace() -> None:
    """Trap 23: no workspace is the default one only where workspaces were asked for."""
    result = '{"amount":"5","currency":"USD","description":null,"workspace_id":null}'
    data = page(anthropic_bucket(1, result))
    (charge,) = dict(read_bill({"c": data}, ANTHROPIC))["c"].rows["charges"]
    assert (charge["sub_account_id"], charge["grouping"], charge["charge_kind"]) == (
        None,
        "",
        "unparsed",
    )


def test_usage_report_meters() -> None:
    """Trap 15: writes for five minutes and for an hour are two meters."""
    parsed = dict(read_bill({"u": (FIXTURES / "anthropic_usage.json").read_bytes()}, ANTHROPIC))[
        "u"
    ]
    usage = parsed.rows["provider_usage"]
    assert {row["meter"]: row["quantity"] for row in usage} == {
        "input": 1500,
        "cache_read": 200,
        "cache_write_5m": 500,
        "cache_write_1h": 1000,
        "output": 600,
        "web_searches": 10,
    }
    keys = ("credential_id", "sub_account_id", "model", "service_tier", "context_band", "region")
    assert {tuple(row[key] for key in keys) for row in usage} == {
        ("apikey_1", "default", "claude-opus-5", "priority", "base", "global")
    }
    assert {row["report"] for row in usage} == {"usage_messages"}
    assert [(reject.record_no, reject.field) for reject in parsed.rejects] == [
        (1, "cache_creation.ephemeral_5m_input_tokens")
    ]
    assert parsed.records == 2


@pytest.mark.parametrize("amount", ["1,000.00", "", "NaN", "Infinity", "12.3 USD", "1_0"])
def test_an_amount_that_is_no_number_is_rejected(amount: str) -> None:
    result = f'{{"amount":"{amount}","currency":"USD","description":"x"}}'
    parsed = dict(read_bill({"c": page(anthropic_bucket(1, result))}, ANTHROPIC))["c"]
    assert [(reject.field, reject.reason) for reject in parsed.rejects] == [
        ("amount", "not a number")
    ]


def test_the_analytics_report_is_not_the_bill() -> None:
    result = '{"amount":"5","list_amount":"6","currency":"USD","model":"claude-opus-5"}'
    with pytest.raises(SourceError, match="c: a report that is not part of the bill: save"):
        dict(read_bill({"c": page(anthropic_bucket(1, result))}, ANTHROPIC))


def usage(key: str) -> str:
    return f'{{"uncached_input_tokens":5,"output_tokens":1,"api_key_id":{key},"model":"m"}}'


def test_usage_without_a_key_is_the_workbench_where_keys_were_asked_for() -> None:
    """Trap 18: the Workbench has no key."""
    pages = {
        "1": page(anthropic_bucket(1, usage('"apikey_1"'), usage("null")), more=True),
        "2": page(anthropic_bucket(2, usage("null"))),
    }
    found = rows(dict(read_bill(pages, ANTHROPIC)), "provider_usage")
    keys = [row["credential_id"] for row in found if row["meter"] == "input"]
    assert sorted(keys) == ["apikey_1", "workbench", "workbench"]
    ungrouped = dict(read_bill({"2": pages["2"]}, ANTHROPIC))["2"].rows["provider_usage"]
    assert {row["credential_id"] for row in ungrouped} == {None}
