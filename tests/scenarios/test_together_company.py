"""A month of Together's billing usage: every cent has its cause, and it ties."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

SETTINGS = """\
company: Together
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team}
bills:
  - {name: together, format: together, account: org-t, location: together}
"""
MODEL = "meta-llama/Llama-3.3-70B-Instruct-Turbo"


def line(product: str, cost: str, quantity: int = 1, **attributes: str) -> dict[str, Any]:
    rates = {"model": MODEL} if attributes else {}
    return {
        "product_name": product,
        "quantity": str(quantity),
        "unit_price": "1",
        "cost": cost,
        "pricing_dimensions": rates,
        "attributes": attributes,
    }


LINES = (
    line("Serverless Inference - Input Tokens", "0.40", 1000, api_key_id="key_s"),
    line("Serverless Inference - Output Tokens", "0.30", 100, api_key_id="key_s"),
    line("Serverless Inference - Input Tokens", "0.05", 70, api_key_id="key_lab"),
    line("H100 Cluster", "20.00"),
    line("Sales Tax", "1.10"),
)


def test_a_month_ties(project: CompiledProject, tmp_path: Path) -> None:
    day = {
        "date": "2026-10-05",
        "start_time": "2026-10-05T00:00:00Z",
        "end_time": "2026-10-06T00:00:00Z",
        "line_items": LINES,
    }
    calls = (
        call(
            "2026-10-05T10:00:00Z", MODEL, 600, 100, provider="together_ai", key="key_s", team="a"
        ),
        call("2026-10-05T11:00:00Z", MODEL, 400, 0, provider="together_ai", key="key_s", team="b"),
    )
    files = {
        "logs/a.jsonl": log(calls),
        "together/2026-10.json": json.dumps({"data": [day], "next_cursor": None}),
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,tax,currency\n"
            "together_ai,org-t,T-10,2026-10,21.85,1.10,USD\n"
        ),
    }
    told = Company(project, write_company(tmp_path, files, SETTINGS))
    statuses = "select provider, invoice_status, unexplained from mart_reconciliation_monthly"
    assert told.query(statuses) == [("together_ai", "tied", 0)]
    assert told.by("coalesce(residual_cause, team)") == {
        "a": Decimal("0.54"),
        "b": Decimal("0.16"),
        "outside_gateway": Decimal("0.05"),
        "tax": Decimal("1.10"),
        "unparsed": Decimal("20"),
    }
