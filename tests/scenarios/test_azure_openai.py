"""A month of Azure OpenAI behind LiteLLM, whose deployments say no model: billed by Azure's own
export and told again as FOCUS.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, write_company

ENROLMENT = "52128651"
SUBSCRIPTION = "6a4749ab-abb4-72a1-e321-06e17dc445bc"
SETTINGS = f"""\
company: Azure
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs}}
bills:
  - {{name: azure, format: %s, account: "{ENROLMENT}", location: azure}}
"""
INPUT, OUTPUT = "gpt 4o 1120 Inp glbl Tokens", "gpt 4o 1120 Outp glbl Tokens"
CACHED = "gpt 4o 1120 cchd Inp glbl Tokens"
# (charge type, category, subcategory, meter, day, quantity, unit, dollars)
MONTH = (
    ("Usage", "Cognitive Services", "Azure OpenAI", INPUT, 7, "4", "1K", "0.01"),
    ("Usage", "Cognitive Services", "Azure OpenAI", OUTPUT, 7, "1", "1K", "0.01"),
    ("Usage", "Cognitive Services", "Azure OpenAI", CACHED, 7, "0.002", "1M", "0.0025"),
    # a day on which nobody logged a call
    ("Usage", "Cognitive Services", "Azure OpenAI", INPUT, 20, "1", "1K", "0.0025"),
    ("Usage", "Cognitive Services", "Azure OpenAI", "gpt quantum 9", 8, "3", "1K", "0.5"),
    (
        *("Usage", "Cognitive Services", "Azure OpenAI", "Provisioned Managed Global Unit"),
        *(9, "24", "1 Hour", "24"),
    ),
    ("Tax", "", "Azure OpenAI", "", 31, "1", "", "0.11"),
    ("Credit", "", "Azure OpenAI", "", 31, "1", "", "-0.05"),
    ("Usage", "Virtual Machines", "Dsv5 Series", "D2s v5", 7, "48", "1 Hour", "812.40"),
)  # fmt: skip
PAYABLE = sum((Decimal(dollars) for *_, dollars in MONTH), Decimal("-812.40"))
OWNED = {"search": Decimal("0.0135"), "chat": Decimal("0.009")}
RESIDUAL = {
    "credit": Decimal("-0.05"),
    "non_token": Decimal(24),
    "outside_gateway": Decimal("0.0025"),
    "tax": Decimal("0.11"),
    "unparsed": Decimal("0.5"),
}


def calls() -> Iterator[str]:
    """Team search has three quarters of the fresh input, team chat all that was cached."""
    for name, team, fresh, cached, output in (
        ("a", "search", 3000, 0, 600),
        ("b", "chat", 1000, 2000, 400),
    ):
        counted = {
            "prompt_tokens": fresh + cached,
            "completion_tokens": output,
            "total_tokens": fresh + cached + output,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        call = logged(
            *(name, "2026-10-07T10:15:00Z", counted, {"tags": []}),
            custom_llm_provider="azure",
            model="chat-prod-7",
            model_group="chat",
            model_id="dep-chat",
            request_tags=[f"team:{team}"],
        )
        yield json.dumps(call) + "\n"


def cost_details() -> Iterator[Mapping[str, str]]:
    for charge_type, category, subcategory, meter, day, quantity, unit, dollars in MONTH:
        yield {
            "BillingAccountId": ENROLMENT,
            "BillingPeriodStartDate": "10/01/2026",
            "SubscriptionId": SUBSCRIPTION,
            "Date": f"10/{day:02}/2026",
            "MeterCategory": category,
            "MeterSubCategory": subcategory,
            "MeterName": meter,
            "Quantity": quantity,
            "Cost": dollars,
            "BillingCurrency": "USD",
            "ResourceLocation": "swedencentral",
            "UnitOfMeasure": unit,
            "ChargeType": charge_type,
        }


def focus() -> Iterator[Mapping[str, str]]:
    for charge_type, category, subcategory, meter, day, quantity, unit, dollars in MONTH:
        many = {"1K": 1000, "1M": 1_000_000}.get(unit)
        yield {
            "BilledCost": dollars,
            "BillingAccountId": ENROLMENT,
            "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-10-01T00:00:00Z",
            "ChargeCategory": charge_type,
            "ChargePeriodStart": f"2026-10-{day:02}T00:00:00Z",
            "ChargePeriodEnd": f"2026-10-{day:02}T23:59:59Z",
            "ConsumedQuantity": str(Decimal(quantity) * (many or 1)),
            "ConsumedUnit": "Tokens" if many else unit,
            "ProviderName": "Microsoft",
            "ServiceName": "Azure OpenAI" if category != "Virtual Machines" else category,
            "SubAccountId": SUBSCRIPTION,
            "SkuMeter": meter,
            "x_SkuMeterSubcategory": subcategory,
        }


def table(rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    lines: csv.DictWriter[str] | None = None
    for row in rows:
        if lines is None:
            lines = csv.DictWriter(text, list(row))
            lines.writeheader()
        lines.writerow(row)
    return text.getvalue()


def run(month: str) -> dict[str, str]:
    """A run of a monthly export, and its manifest."""
    folder = "azure/monthly/20261001-20261031/r1"
    manifest = {
        "dataRowCount": len(MONTH),
        "blobs": [{"blobName": f"{folder}/part_0_0001.csv"}],
        "exportConfig": {"type": "ActualCost"},
        "runInfo": {"submittedTime": "2026-11-03T02:00:00.0000000Z"},
    }
    return {f"{folder}/part_0_0001.csv": month, f"{folder}/manifest.json": json.dumps(manifest)}


def company(
    project: CompiledProject, folder: Path, bill_format: str, bill: Mapping[str, str]
) -> Company:
    files = {
        **bill,
        "logs/2026-10-07.jsonl": "".join(calls()),
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency\n"
            f"azure,{ENROLMENT},G-1,2026-10,{PAYABLE:.2f},0.11,-0.05,USD\n"
        ),
        "reference/teams.csv": "team_id,team_name\nsearch,Search\nchat,Chat\n",
        "reference/models.csv": "provider,raw_model,model\nazure,chat-prod-*,gpt-4o\n",
        "reference/deployments.csv": (
            "gateway,deployment_id,provider,billing_account,sub_account,region\n"
            f"proxy,dep-chat,azure,{ENROLMENT},{SUBSCRIPTION},swedencentral\n"
        ),
    }
    return Company(project, write_company(folder, files, SETTINGS % bill_format))


def held(told: Company) -> None:
    """It ties to 0.00, and every cent is with who caused it or under its cause."""
    [row] = told.query(
        "select invoice_status, invoice_amount, unexplained, abs(rounding) < 0.01"
        " from mart_reconciliation_monthly"
    )
    assert row == ("tied", PAYABLE.quantize(Decimal("0.01")), 0, True)
    owned = "select team, sum(billed_cost) from fct_cost_allocations where residual_cause is null"
    assert dict(told.query(f"{owned} group by team")) == OWNED
    residual = (
        "select residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause not in ('rounding') group by residual_cause"
    )
    assert dict(told.query(residual)) == RESIDUAL
    foreign = "select sum(billed_cost_in_billing_currency) from landing.foreign_charges"
    assert told.value(foreign) == Decimal("812.40")


def test_the_month_ties_by_azures_own_export(project: CompiledProject, tmp_path: Path) -> None:
    """Search: 3/4 of 0.01 and 6/10 of 0.01; chat the rest and what was cached."""
    held(company(project, tmp_path, "azure_actual", run(table(cost_details()))))


def test_focus_tells_the_same_owners_the_same_cents(
    project: CompiledProject, tmp_path: Path
) -> None:
    held(company(project, tmp_path, "focus", {"azure/2026-10.csv": table(focus())}))
