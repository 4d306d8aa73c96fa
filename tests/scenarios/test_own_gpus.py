"""GPUs of an own cluster by OpenCost: what a model's pods cost follows its requests, what no pod
had is idle, and a million tokens have a price on both bases.
"""

import json
from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, write_company

SETTINGS = f"""\
company: Own GPUs
timezone: {ZONE}
gateways:
  - {{name: proxy, format: generic, location: logs, provider: own}}
bills:
  - {{name: gpus, format: opencost, account: prod, location: opencost}}
"""
LOG = """\
request_id,timestamp,model_name,input_token_count,output_token_count,team
a,2026-10-05T10:10:00Z,llama-3,750000,0,search
b,2026-10-05T10:20:00Z,llama-3,250000,0,chat
"""
# (name, namespace, dollars, dollars of GPUs, GPU hours)
ALLOCATIONS = (
    ("llama-3", "serving", "4.10", "4", "2"),
    ("__idle__", None, "6.20", "6", "3"),
    ("web", "shop", "0.75", "0", "0"),
)


def lines() -> str:
    return "".join(
        json.dumps(
            {
                "name": name,
                "properties": {"cluster": "prod", "namespace": namespace}
                | ({"labels": {"model": name}} if namespace == "serving" else {}),
                "window": {"start": "2026-10-05T10:00:00Z", "end": "2026-10-05T11:00:00Z"},
                "gpuHours": float(hours),
                "gpuCost": float(gpus),
                "totalCost": float(dollars),
            }
        )
        + "\n"
        for name, namespace, dollars, gpus, hours in ALLOCATIONS
    )


def test_a_million_own_tokens_with_and_without_idle(
    project: CompiledProject, tmp_path: Path
) -> None:
    files = {"logs/requests.csv": LOG, "opencost/2026-10.jsonl": lines()}
    company = Company(project, write_company(tmp_path / "company", files, SETTINGS))
    assert company.by("team") == {
        "search": Decimal("3.075"),
        "chat": Decimal("1.025"),
        "__unallocated__": Decimal(6),
    }
    assert company.by("residual_cause") == {None: Decimal("4.1"), "idle_capacity": Decimal(6)}
    unit_costs = (
        "select billing_account, tokens, used_cost, idle_cost, total_cost, used_cost_per_million,"
        " total_cost_per_million from mart_own_tokens_monthly"
    )
    assert company.query(unit_costs) == [
        (
            *("prod", Decimal(1_000_000), Decimal("4.1"), Decimal(6), Decimal("10.1")),
            *(Decimal("4.1"), Decimal("10.1")),
        )
    ]
