"""Own servers behind LiteLLM: what they counted stands beside what was logged, and is no money."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.checks.unlogged_usage import unlogged_usage
from tests.ingestion.gateways import litellm_logs
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, Rows, write_company

pytestmark = pytest.mark.whole

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
SETTINGS = f"""\
company: Own servers
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs}}
"""
COUNTERS = "  - {{name: gpus, format: vllm, location: metrics{more}}}\n"
# of October an hour each
CAPACITY = """\
pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments
gpu,self_hosted,744,10000,tokens,ml,dep-llama-*
"""
TEAMS = "team_id,team_name\nml,ML Platform\n"
# seconds after midnight of 5 October, input, output
FIVE, HOUR = 1_791_158_400, 3600
CALLS = ((10 * HOUR + 600, 1000, 100), (11 * HOUR, 2000, 200), (24 * HOUR + 1800, 500, 50))
# scrapes: input, output, requests
BEGIN = {"vllm-0/2026-10-05T09-55-00.prom": (5000, 500, 10)}
REST = {
    "vllm-0/2026-10-05T10-30-00.prom": (6000, 600, 11),
    "vllm-0/2026-10-05T12-00-00.prom": (9000, 900, 13),
    # what is counted until midnight is of the day before
    "vllm-0/2026-10-06T00-00-00.prom": (9000, 900, 13),
    # it began anew
    "vllm-0/2026-10-06T01-00-00.prom": (500, 50, 1),
    # the same scrape again
    "2026-10-05/vllm-0/12-00.prom": (9000, 900, 13),
}
MONEY = (
    "fct_cost_allocations",
    "mart_chargeback_monthly",
    "mart_month_completeness",
    "mart_reconciliation_monthly",
)
CONTROL = """
    select
        day(usage_date), billing_account, servers, counted_requests, logged_requests,
        counted_input_tokens, logged_input_tokens, counted_output_tokens, logged_output_tokens,
        unlogged_tokens, unlogged_percent::varchar, restarts, longest_gap_minutes
    from mart_usage_controls_daily order by all
"""


def logged(number: int, at: int, tokens: int, output: int) -> dict[str, Any]:
    record = next(iter(litellm_logs.objects().values()))
    counts = {"prompt_tokens": tokens, "completion_tokens": output, "total_tokens": tokens + output}
    start = FIVE + at
    record |= counts | {
        "id": f"chatcmpl-{number}",
        "litellm_call_id": f"call-{number}",
        "startTime": start,
        "endTime": start + 1,
        "completionStartTime": start,
        "custom_llm_provider": "hosted_vllm",
        "model": f"hosted_vllm/{LLAMA}",
        "model_id": "dep-llama-1",
        "model_group": "llama",
        "response_cost": 0,
        "cost_breakdown": None,
        "model_map_information": None,
        "response": {"id": f"chatcmpl-{number}", "model": LLAMA, "usage": counts},
    }
    record["metadata"]["usage_object"] = counts
    record["hidden_params"] = {"model_id": "dep-llama-1"}
    return record


def scrapes(values: dict[str, tuple[int, int, int]]) -> dict[str, str]:
    labels = f'engine="0",model_name="{LLAMA}"'
    return {
        f"metrics/{name}": (
            f"vllm:prompt_tokens_total{{{labels}}} {tokens}.0\n"
            f"vllm:generation_tokens_total{{{labels}}} {output}.0\n"
            f'vllm:request_success_total{{finished_reason="stop",{labels}}} {requests}.0\n'
        )
        for name, (tokens, output, requests) in values.items()
    }


def money(company: Company) -> dict[str, Rows]:
    return {name: company.query(f"select * from {name} order by all") for name in MONEY}


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    calls = (logged(number, *each) for number, each in enumerate(CALLS))
    return {
        "logs/calls.jsonl": "".join(json.dumps(each) + "\n" for each in calls),
        "reference/capacity.csv": CAPACITY,
        "reference/teams.csv": TEAMS,
    }


def test_counted_tokens_stand_beside_logged_ones(
    project: CompiledProject, tmp_path: Path, files: dict[str, str]
) -> None:
    folder = write_company(tmp_path / "company", files, SETTINGS)
    company = Company(project, folder)
    before = money(company)
    assert company.query("select count(*) from mart_usage_controls_daily") == [(0,)]

    # the newest scrapes come first, what they began with a run later
    settings = SETTINGS + COUNTERS.format(more="")
    write_company(folder, scrapes(REST), settings)
    company.build()
    write_company(folder, scrapes(BEGIN), settings)
    company.build()
    assert company.query(CONTROL) == [
        (5, None, 1, 3, 2, 4000, 3000, 400, 300, 1100, "25.00", 0, 720),
        (6, None, 1, 1, 1, 500, 500, 50, 50, 0, "0.00", 1, 60),
    ]
    assert money(company) == before
    assert company.query("select distinct model from mart_usage_controls_daily") == company.query(
        "select distinct model from fct_requests"
    )
    assert company.query(
        "select kind, sum(records_landed)::int from mart_data_quality_daily group by 1 order by 1"
    ) == [("counters", 18), ("gateway", 3)]
    [told] = unlogged_usage(company.connection)
    assert told.startswith(
        f"own: of {company.value('select any_value(model) from fct_requests')} servers counted"
        " 4,950 tokens on 2 days of 2026-10, 1,100 are not logged (+22.2 %): calls went past"
    )

    # of another pool nothing is logged, of this one the same
    write_company(folder, {}, SETTINGS + COUNTERS.format(more=", account: gpu"))
    company.build()
    assert [row[1:3] + row[9:10] for row in company.query(CONTROL)] == [
        ("gpu", 1, 1100),
        ("gpu", 1, 0),
    ]
    write_company(folder, {}, SETTINGS + COUNTERS.format(more=", account: other"))
    company.build()
    assert [row[9:11] for row in company.query(CONTROL)] == [(4400, "100.00"), (550, "100.00")]
