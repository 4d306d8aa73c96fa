"""The worked examples of docs/decisions.md come out as they are told."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.command import tollbook

DAY, NEXT_DAY = 1791158400, 1791244800  # 2026-10-05 and the day after, UTC
SETTINGS = """\
company: Decisions
gateways:
  - {name: proxy, format: generic, location: logs, columns: {credential_hint: key}}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
  - {name: anthropic, format: anthropic, account: org-a, location: anthropic}
"""
LOG = """\
timestamp,model_name,provider,key,feature_tag,input_token_count,output_token_count
2026-10-05T10:00:00Z,gpt-4o,openai,key_1,chat,100,0
2026-10-05T11:00:00Z,gpt-4o,openai,key_1,search,300,0
2026-10-05T12:00:00Z,gpt-4o-mini,openai,,blank,90,0
"""
# no single request may exceed the 200,000 tokens of the context window that was billed
LOG += 4 * "2026-10-05T13:00:00Z,claude-opus-4-5,anthropic,apikey_a,draft,150000,0\n"
COMMITMENTS = """\
commitment_id,provider,scope,committed_amount,discount_percent,overage_percent
all,openai,model=gpt-4o,0.001,30,25
over,anthropic,,2.00,30,25
half,openai,model=gpt-4o-mini,0.000027,30,25
"""


def _openai(key: str, line: str, tokens: int, amount: str) -> str:
    return (
        '{"object":"organization.costs.result","amount":{"value":' + amount + ',"currency":"usd"},'
        f'"line_item":"{line}","project_id":"p","api_key_id":"{key}","quantity":{tokens},'
        '"quantity_unit":"tokens"}'
    )


def _bills() -> dict[str, str]:
    rows = [
        _openai("key_1", "gpt-4o-2024-08-06, input", 500, "0.00125"),
        _openai("key_a", "gpt-4o-mini-2024-07-18, input", 60, "0.000060"),
        _openai("key_b", "gpt-4o-mini-2024-07-18, input", 60, "0.000060"),
    ]
    openai = (
        f'{{"object":"page","data":[{{"object":"bucket","start_time":{DAY},"end_time":{NEXT_DAY},'
        f'"results":[{",".join(rows)}]}}],"has_more":false,"next_page":null}}'
    )
    period = {"starting_at": "2026-10-05T00:00:00Z", "ending_at": "2026-10-06T00:00:00Z"}
    keys = {
        "model": "claude-opus-4-5",
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": None,
        "workspace_id": "wrkspc_1",
    }
    cost = {
        **keys,
        "amount": "411.90",
        "currency": "USD",
        "cost_type": "tokens",
        "description": "Claude Opus 4.5 Usage - Input Tokens",
        "token_type": "uncached_input_tokens",
    }
    usage = [
        {
            **keys,
            "api_key_id": key,
            "uncached_input_tokens": tokens,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 0,
            "server_tool_use": {"web_search_requests": 0},
        }
        for key, tokens in (("apikey_a", 600_000), ("apikey_b", 223_800))
    ]
    end = {"has_more": False, "next_page": None}
    return {
        "openai/costs.json": openai,
        "anthropic/cost.json": json.dumps({"data": [{**period, "results": [cost]}], **end}),
        "anthropic/usage.json": json.dumps({"data": [{**period, "results": usage}], **end}),
    }


# money by matching, which the first tests of tests/scenarios hold in short
@pytest.mark.whole
def test_examples_come_out_as_they_are_told(tmp_path: Path) -> None:
    files = {"tollbook.yaml": SETTINGS, "logs/proxy.csv": LOG, **_bills()}
    files["reference/commitments.csv"] = COMMITMENTS
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    result = CliRunner().invoke(tollbook, ["--workspace", str(tmp_path), "run"])
    assert result.exception is None, result.output

    with duckdb.connect(tmp_path / "marts.duckdb", read_only=True) as marts:
        rows = marts.execute(
            "select model, feature, residual_cause, sum(quantity)::bigint, sum(billed_cost)"
            " from fct_cost_allocations group by all"
        ).fetchall()
        commitments = marts.execute(
            "select commitment_id, used_amount, overage_amount, commitment_cost + overage_cost,"
            " esr_over_list from mart_commitments_monthly"
        ).fetchall()
    found = {tuple(row[:3]): (row[3], row[4]) for row in rows}
    nobody = "__unallocated__"
    assert found == {
        # 1: the bill is money, the log is keys
        ("gpt-4o", "chat", None): (100, Decimal("0.00025")),
        ("gpt-4o", "search", None): (300, Decimal("0.00075")),
        ("gpt-4o", nobody, "unlogged_usage"): (100, Decimal("0.00025")),
        # 2: a cell without a credential offers 45 to each of two keys that were billed 60
        ("gpt-4o-mini", "blank", None): (90, Decimal("0.00009")),
        ("gpt-4o-mini", nobody, "unlogged_usage"): (30, Decimal("0.00003")),
        # 4: Anthropic's bill, bridged by its usage report
        ("claude-opus-4-5", "draft", None): (600_000, Decimal("3.00")),
        ("claude-opus-4-5", nobody, "outside_gateway"): (223_800, Decimal("1.119")),
    }

    # 20: a commitment is measured in usage at list price
    assert {
        name: tuple(str(value.normalize()) for value in rest) for name, *rest in commitments
    } == {
        "all": ("0.001", "0", "0.0007", "0.3"),
        "over": ("2", "1", "2.65", "0.116666"),
        "half": ("0.0000135", "0", "0.0000189", "-0.4"),
    }

    # 15: a changed price says what it would change
    prices = tmp_path / "reference" / "prices.csv"
    prices.write_text(
        "provider,model,meter,service_tier,context_above,unit_price_per_million,valid_from,valid_to\n"
        "openai,gpt-4o,input,,,3.00,2026-10-01,\n"
    )
    result = CliRunner().invoke(tollbook, ["--workspace", str(tmp_path), "run", "--dry-run"])
    assert result.exception is None, result.output
    change = "0.001000 → 0.001200 (+0.000200)"
    assert result.stdout.startswith(
        f"repriced 2 requests of 1 day: list {change}, contracted {change}\n"
    )
