"""Three providers in one FOCUS file, and OpenAI's month told by FOCUS and by its API's pages."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

SETTINGS = """\
company: Focus
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team}
bills:
  - {name: clouds, format: focus, account: northwind, location: clouds}
"""
COLUMNS = (
    *("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart"),
    *("BillingPeriodEnd", "ChargeCategory", "ChargeDescription", "ChargePeriodStart"),
    *("ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit", "ProviderName", "ServiceName"),
    *("SubAccountId", "SkuMeter", "SkuPriceDetails", "x_CredentialId"),
)
MONTH = {
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01",
    "BillingPeriodEnd": "2026-11-01",
    "ChargeCategory": "Usage",
}
DAY = MONTH | {"ChargePeriodStart": "2026-10-05", "ChargePeriodEnd": "2026-10-06"}
OPENAI = DAY | {"ProviderName": "OpenAI", "BillingAccountId": "org", "ServiceName": "OpenAI API"}
AWS = DAY | {
    "ProviderName": "AWS",
    "BillingAccountId": "1111",
    "ServiceName": "Amazon Bedrock",
    "SkuPriceDetails": "{'ModelId': 'anthropic.claude-sonnet-4-20250514-v1:0'}",
}
AZURE = DAY | {"ProviderName": "Microsoft", "BillingAccountId": "ea", "ServiceName": "Azure OpenAI"}
ROWS = (
    OPENAI
    | {"BilledCost": "2.50", "ChargeDescription": "gpt-4o, input", "ConsumedQuantity": "1000"},
    OPENAI
    | {"BilledCost": "1.00", "ChargeDescription": "gpt-4o, output", "ConsumedQuantity": "100"},
    OPENAI | {"BilledCost": "0.35", "ChargeDescription": "VAT", "ChargeCategory": "Tax"},
    OPENAI | {"BilledCost": "-0.5", "ChargeDescription": "Grant", "ChargeCategory": "Credit"},
    AWS | {"BilledCost": "0.30", "SkuMeter": "Input Tokens", "ConsumedQuantity": "100"},
    AWS | {"BilledCost": "0.07", "SkuMeter": "Guardrail Lanes", "SkuPriceDetails": ""},
    AWS | {"BilledCost": "80.50", "ServiceName": "Amazon EC2", "SkuMeter": "m5.large"},
    AZURE | {"BilledCost": "0.44", "SkuMeter": "gpt-4o input tokens", "ConsumedQuantity": "200"},
    AZURE | {"BilledCost": "7.00", "ServiceName": "Storage Accounts", "SkuMeter": "Hot LRS"},
)
CALLS = (
    call("2026-10-05T10:00:00Z", "gpt-4o", 1000, 100, provider="openai", team="search"),
    call(
        "2026-10-05T11:00:00Z",
        *("anthropic.claude-sonnet-4-20250514-v1:0", 100),
        provider="bedrock",
        team="chat",
    ),
    call("2026-10-05T12:00:00Z", "gpt-4o", 200, provider="azure", team="mail"),
)
INVOICES = """\
provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency
openai,org,O-10,2026-10,3.35,0.35,-0.5,USD
aws,1111,A-10,2026-10,0.37,,,USD
azure,ea,M-10,2026-10,0.44,,,USD
"""
FILES = {"logs/a.jsonl": log(CALLS), "reference/invoices.csv": INVOICES}


def focus(rows: Iterable[Mapping[str, str]]) -> str:
    """Tokens, where a row has a quantity; quotes in a row are single ones."""
    lines = [",".join(COLUMNS)]
    for row in rows:
        said = {**row, "ConsumedUnit": "Tokens" if row.get("ConsumedQuantity") else ""}
        lines.append(
            ",".join('"' + said.get(name, "").replace("'", '""') + '"' for name in COLUMNS)
        )
    return "\n".join([*lines, ""])


def tied(company: Company) -> list[tuple[object, ...]]:
    return company.query(
        "select provider, billing_account, invoice_status, billed, unexplained, unparsed"
        " from mart_reconciliation_monthly order by all"
    )


def test_three_providers_in_one_file_tie_to_their_invoices(
    project: CompiledProject, tmp_path: Path
) -> None:
    files = FILES | {"clouds/2026-10.csv": focus(ROWS)}
    company = Company(project, write_company(tmp_path, files, SETTINGS))
    assert tied(company) == [
        ("aws", "1111", "tied", Decimal("0.37"), 0, Decimal("0.07")),
        ("azure", "ea", "tied", Decimal("0.44"), 0, 0),
        ("openai", "org", "tied", Decimal("3.35"), 0, 0),
    ]
    spent = company.query(
        "select provider, team, residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where billed_cost <> 0 group by all order by all"
    )
    assert spent == [
        ("aws", "__unallocated__", "unparsed", Decimal("0.07")),
        ("aws", "chat", None, Decimal("0.3")),
        ("azure", "mail", None, Decimal("0.44")),
        ("openai", "__unallocated__", "credit", Decimal("-0.5")),
        ("openai", "__unallocated__", "tax", Decimal("0.35")),
        ("openai", "search", None, Decimal("3.5")),
    ]
    foreign = company.query(
        "select provider, billing_account, service, sum(billed_cost_in_billing_currency)"
        " from landing.foreign_charges group by all order by all"
    )
    assert foreign == [
        ("aws", "1111", "Amazon EC2", Decimal("80.5")),
        ("azure", "ea", "Storage Accounts", Decimal(7)),
    ]


def test_a_restated_month_of_another_name_forgets_the_account_that_it_dropped(
    project: CompiledProject, tmp_path: Path
) -> None:
    files = FILES | {"clouds/2026-10.csv": focus(ROWS)}
    folder = write_company(tmp_path, files, SETTINGS)
    Company(project, folder)
    (folder / "clouds/2026-10.csv").unlink()
    kept = [row for row in ROWS if row["ProviderName"] != "Microsoft"]
    write_company(folder, {"clouds/2026-10-final.csv": focus(kept)}, SETTINGS)
    [_, azure, openai] = tied(Company(project, folder))
    assert openai[2:] == ("tied", Decimal("3.35"), 0, 0)
    assert azure[2:5] == ("not_tied", 0, Decimal("0.44"))


LINES = (
    ("2026-10-05", "gpt-4o-2024-08-06, input", "2.50", 1000, "key_a"),
    ("2026-10-05", "gpt-4o-2024-08-06, input", "5.00", 2000, "key_b"),
    ("2026-10-05", "gpt-4o-2024-08-06, cached input", "0.10", 80, "key_b"),
    ("2026-10-05", "gpt-4o-2024-08-06, output", "1.00", 100, "key_a"),
    ("2026-10-05", "web search tool calls", "0.05", 5, "key_a"),
    ("2026-10-05", "Quantum lanes", "0.02", 5, "key_a"),
    ("2026-10-06", "gpt-4o-2024-08-06, input", "-0.30", None, "key_b"),
)
TOLD = """
    select
        usage_date, credential_id, model, meter, service_tier, feature, team, quantity, match_level,
        allocation_method, residual_cause, sum(billed_cost)
    from fct_cost_allocations group by all order by all
"""


def test_one_bill_of_openai_in_two_tellings(project: CompiledProject, tmp_path: Path) -> None:
    """The same month as pages of the API and as FOCUS goes to the same owners, by the same keys."""
    calls = (
        call("2026-10-05T10:00:00Z", "gpt-4o", 900, 100, provider="openai", key="key_a", team="a"),
        call(
            "2026-10-05T11:00:00Z", "gpt-4o", 2080, provider="openai", key="key_b", cached_tokens=80
        ),
    )
    owners = "source,credential_id,team_id,feature\nbill,key_b,b,chat\n"
    shared = {"logs/a.jsonl": log(calls), "reference/credentials.csv": owners}
    settings = SETTINGS.replace("clouds, format: focus", "bill, format: FORM")
    pages = costs(*(line(*said) for said in LINES))
    rows = [
        OPENAI
        | {
            "BilledCost": dollars,
            "BillingAccountId": "northwind",
            "ChargeDescription": words,
            "ChargePeriodStart": day,
            "ChargePeriodEnd": f"{day[:-1]}{int(day[-1]) + 1}",
            "ConsumedQuantity": str(quantity or ""),
            "SubAccountId": "p",
            "x_CredentialId": key,
        }
        for day, words, dollars, quantity, key in LINES
    ]
    told = []
    for form, files in (
        ("openai", {"clouds/a.json": pages}),
        ("focus", {"clouds/a.csv": focus(rows)}),
    ):
        folder = write_company(tmp_path / form, shared | files, settings.replace("FORM", form))
        told.append(Company(project, folder).query(TOLD))
    assert told[0] == told[1]
    assert len({row[6] for row in told[0]}) == 3
