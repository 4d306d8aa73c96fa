"""Two months of Gemini on Vertex AI behind LiteLLM, billed by Google's own table: Pacific months,
and a correction that stands on another invoice than what it corrects.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, write_company

ACCOUNT = "01A2B3-C4D5E6-F7A8B9"
PROJECT = "ml-prod"
SETTINGS = f"""\
company: Vertex
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs}}
bills:
  - {{name: google, format: google, account: {ACCOUNT}, location: google}}
"""
VERTEX = {"id": "C7E2-9256-1C43", "description": "Vertex AI"}
COMPUTE = {"id": "6F81-5844-456A", "description": "Compute Engine"}
INPUT = "Gemini 2.5 Flash GA Text Input - Predictions"
OUTPUT = "Gemini 2.5 Flash GA Text Output - Predictions"
THINKING = "Gemini 2.5 Flash GA Thinking Text Output - Predictions"
CACHED = " Gemini 2.5 Flash GA Input Text Caching"
# (service, SKU, hour, invoice's month, tokens, dollars, discount, promotion)
TABLE = (
    (VERTEX, INPUT, "2026-10-07T10", "202610", 4000, "0.0012", "0", "0"),
    (VERTEX, OUTPUT, "2026-10-07T10", "202610", 600, "0.0015", "0", "-0.0004"),
    (VERTEX, THINKING, "2026-10-07T10", "202610", 400, "0.001", "0", "0"),
    (VERTEX, CACHED, "2026-10-07T10", "202610", 2000, "0.0002", "-0.0001", "0"),
    # October in California, November in UTC
    (VERTEX, INPUT, "2026-11-01T03", "202610", 1000, "0.0003", "0", "0"),
    # an hour of October that November's invoice has
    (VERTEX, OUTPUT, "2026-10-31T23", "202611", 500, "0.00125", "0", "0"),
    (VERTEX, INPUT, "2026-11-03T10", "202611", 1000, "0.0003", "0", "0"),
    (VERTEX, "Quantum Embeddings tier 7", "2026-10-09T10", "202610", 7, "0.5", "0", "0"),
    (COMPUTE, "N2 Instance Core", "2026-10-07T10", "202610", 7200, "812.40", "-12.4", "0"),
)
# a quarter of the first row is taken back, on the next invoice
TAKEN_BACK = (VERTEX, INPUT, "2026-10-07T10", "202611", -1000, "-0.0003", "0", "0")
# (name, team, moment, fresh, cached, output)
CALLS = (
    ("a", "search", "2026-10-07T10:15:00Z", 3000, 0, 600),
    ("b", "chat", "2026-10-07T10:20:00Z", 1000, 2000, 400),
    ("c", "chat", "2026-10-31T23:30:00Z", 0, 0, 500),
    ("d", "search", "2026-11-01T03:30:00Z", 1000, 0, 0),
    ("e", "chat", "2026-11-03T10:30:00Z", 1000, 0, 0),
)
OCTOBER = {"search": Decimal("0.0027"), "chat": Decimal("0.0014")}
NOVEMBER = {"search": Decimal("-0.000225"), "chat": Decimal("0.001475")}


def calls() -> Iterator[str]:
    for name, team, moment, fresh, cached, output in CALLS:
        counted = {
            "prompt_tokens": fresh + cached,
            "completion_tokens": output,
            "total_tokens": fresh + cached + output,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        call = logged(
            *(name, moment, counted, {"tags": []}),
            custom_llm_provider="vertex_ai",
            model="vertex_ai/gemini-2.5-flash",
            model_group="chat",
            model_id="dep-chat",
            request_tags=[f"team:{team}"],
        )
        yield json.dumps(call) + "\n"


def table() -> Iterator[str]:
    for row in (*TABLE, TAKEN_BACK):
        service, sku, hour, month, tokens, dollars, discount, promotion = row
        credits = [
            {"name": kind.lower(), "type": kind, "amount": float(amount)}
            for kind, amount in (("DISCOUNT", discount), ("PROMOTION", promotion))
            if amount != "0"
        ]
        is_correction = row is TAKEN_BACK
        said = {
            "billing_account_id": ACCOUNT,
            "service": service,
            "sku": {"id": "0000", "description": sku},
            "usage_start_time": f"{hour}:00:00Z",
            "usage_end_time": f"{hour}:59:59.999999Z",
            "project": {"id": PROJECT, "name": PROJECT},
            "location": {"location": "europe-west1", "region": "europe-west1"},
            "cost": float(dollars),
            "currency": "USD",
            "usage": {"amount": float(tokens), "unit": "count"},
            "credits": credits,
            "invoice": {"month": month},
            "cost_type": "adjustment" if is_correction else "regular",
            "adjustment_info": {"type": "USAGE_CORRECTION"} if is_correction else None,
        }
        yield json.dumps(said) + "\n"


@pytest.fixture(scope="module")
def told(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {
        "google/export-000000000000.jsonl": "".join(table()),
        "logs/2026-10.jsonl": "".join(calls()),
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency\n"
            f"google,{ACCOUNT},G-10,2026-10,0.50,0,-0.0004,USD\n"
            f"google,{ACCOUNT},G-11,2026-11,0.00,0,0,USD\n"
        ),
        "reference/teams.csv": "team_id,team_name\nsearch,Search\nchat,Chat\n",
        "reference/deployments.csv": (
            "gateway,deployment_id,provider,billing_account,sub_account,region\n"
            f"proxy,dep-chat,google,{ACCOUNT},{PROJECT},europe-west1\n"
        ),
    }
    folder = tmp_path_factory.mktemp("vertex")
    return Company(project, write_company(folder, files, SETTINGS))


def owned(told: Company, month: str) -> dict[str, Decimal]:
    found = told.query(
        "select team, sum(billed_cost) from fct_cost_allocations"
        f" where residual_cause is null and billing_month = date '{month}-01' group by team"
    )
    return dict(found)


def test_both_invoices_tie(told: Company) -> None:
    """Traps 1 and 4: months are the invoice's, whatever UTC's hours say."""
    found = told.query(
        "select billing_month::varchar, invoice_status, unexplained"
        " from mart_reconciliation_monthly order by 1"
    )
    assert found == [("2026-10-01", "tied", 0), ("2026-11-01", "tied", 0)]


def test_october_has_the_first_hours_of_november(told: Company) -> None:
    """Search: 3/4 of 0.0012, 6/10 of 0.0025 and 03:00 of 1 November; chat the rest, and what was
    cached at its discount.
    """
    assert owned(told, "2026-10") == OCTOBER


def test_a_correction_follows_the_hour_that_it_takes_back(told: Company) -> None:
    """Of -0.0003 search has three quarters; chat has one, the late hour and 3 November."""
    assert owned(told, "2026-11") == NOVEMBER


def test_what_no_request_caused_has_its_cause(told: Company) -> None:
    found = told.query(
        "select residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause is not null and residual_cause <> 'rounding'"
        " group by residual_cause order by 1"
    )
    assert found == [("credit", Decimal("-0.0004")), ("unparsed", Decimal("0.5"))]
    foreign = "select sum(billed_cost_in_billing_currency) from landing.foreign_charges"
    assert told.value(foreign) == Decimal(800)
