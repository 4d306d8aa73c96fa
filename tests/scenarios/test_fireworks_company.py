"""A month of Fireworks' export by key and by model: every cent has its cause, and it ties."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

SETTINGS = """\
company: Fireworks
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team}
bills:
  - {name: fireworks, format: fireworks, account: my-account, location: fireworks}
"""
MODEL = "accounts/fireworks/models/llama-v3p3-70b-instruct"
HEADER = "account_id,date,group_by_dimension,group_by_value,subtotal_usd,currency\n"
BY_KEY = (
    "my-account,2026-10-05,api_key,key_a,1.000000000,USD\n"
    "my-account,2026-10-05,api_key,key_b,0.500000000,USD\n"
    "my-account,2026-10-05,api_key,key_lab,0.250000000,USD\n"
)
BY_MODEL = (
    f"my-account,2026-10-05,model,{MODEL},1.500000000,USD\n"
    "my-account,2026-10-05,model,unknown_model,0.250000000,USD\n"
)
OWNED = {
    BY_KEY: {"a": Decimal(1), "b": Decimal("0.5"), "outside_gateway": Decimal("0.25")},
    # equal tokens on both sides, of one model: half of it each
    BY_MODEL: {"a": Decimal("0.75"), "b": Decimal("0.75"), "unparsed": Decimal("0.25")},
}


@pytest.mark.parametrize("lines", OWNED, ids=["by key", "by model"])
def test_a_month_ties(project: CompiledProject, tmp_path: Path, lines: str) -> None:
    calls = (
        call(
            "2026-10-05T10:00:00Z", MODEL, 100, 10, provider="fireworks_ai", key="key_a", team="a"
        ),
        call(
            "2026-10-05T11:00:00Z", MODEL, 100, 10, provider="fireworks_ai", key="key_b", team="b"
        ),
    )
    files = {
        "logs/a.jsonl": log(calls),
        "fireworks/2026-10.csv": HEADER + lines,
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,currency\n"
            "fireworks_ai,my-account,F-10,2026-10,1.75,USD\n"
        ),
    }
    told = Company(project, write_company(tmp_path, files, SETTINGS))
    statuses = "select provider, invoice_status, unexplained from mart_reconciliation_monthly"
    assert told.query(statuses) == [("fireworks_ai", "tied", 0)]
    assert told.by("coalesce(residual_cause, team)") == OWNED[lines]
