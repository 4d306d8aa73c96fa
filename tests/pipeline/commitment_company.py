"""A company with commitments: what was logged, promised, billed and invoiced.

A token costs one dollar at list price.
"""

from typing import Final

WORKSPACE: Final = """\
company: Acme
chargeback_basis: effective
gateways:
  - {name: log, format: generic, location: logs}
bills:
  - {name: openai, format: openai, account: org, location: bill}
"""
LOG: Final = "timestamp,model_name,provider,feature_tag,team,input_token_count,output_token_count\n"
# model -> what is used of it in October
USED: Final = {
    "used-100": 100_000,
    "used-90": 90_000,
    "used-70": 70_000,
    "used-50": 50_000,
    "over": 110_000,
    "twins": 150_000,
}
# Of a year of 120,000 less 30 %, paid at once in October: 9,000 of 10,000 used, in November all.
PREPAID: Final = (
    "2026-10-05T10:00:00Z,yearly,beta,chat,hr,6000,0\n"
    "2026-10-06T10:00:00Z,yearly,beta,search,web,3000,0\n"
    "2026-11-06T10:00:00Z,yearly,beta,chat,hr,12000,0\n"
)
# Of 100 less 20 %, 80 used: the bill has 64, the invoice 80.
SHORT: Final = "2026-10-05T11:00:00Z,gpt-4o,openai,chat,hr,80,0\n"
BILL: Final = (
    '{"object":"page","data":[{"object":"bucket","start_time":1791158400,"end_time":1791244800,'
    '"results":[{"object":"organization.costs.result","amount":{"value":64,"currency":"usd"},'
    '"line_item":"gpt-4o-2024-08-06, input","project_id":null,"api_key_id":null,"quantity":80,'
    '"quantity_unit":"tokens"}]}],"has_more":false,"next_page":null}'
)
COMMITMENTS: Final = (
    "commitment_id,provider,scope,committed_amount,period,discount_percent,overage_percent,owner,"
    "valid_from,valid_to\n"
)
INVOICES: Final = """\
provider,billing_account,invoice_id,billing_month,kind,amount,tax,currency,commitment_id
openai,org,I-1,2026-10,usage,64,,USD,
openai,org,I-1,2026-10,shortfall,17,1,USD,
beta,main,B-1,2026-10,commitment,84000,,USD,beta-year
"""


def company_files() -> dict[str, str]:
    days = [f"2026-10-{day:02}T10:00:00Z" for day in (1, 9, 31)]
    lines = [
        f"{day},{model},acme,,,{part},0\n"
        for model, tokens in USED.items()
        for day, part in zip(days, (tokens // 5, tokens // 2, tokens * 3 // 10), strict=True)
    ]
    commitments = [
        *(f"{model},acme,model={model},100000,,30,25,hr,," for model in USED if model != "twins"),
        "twin-b,acme,model=twins,100000,,30,,,2026-10-01,",
        "twin-a,acme,model=twins & meter=input,240000,year,20,,,2026-10-01,2027-10-01",
        "old,acme,,100000,,30,,,,2026-10-01",
        "beta-year,beta,,120000,year,30,,platform,2026-10-01,2027-10-01",
        "openai-month,openai,,100,,20,,platform,2026-10-01,",
    ]
    models = [("acme", model) for model in USED] + [("beta", "yearly"), ("openai", "gpt-4o")]
    return {
        "tollbook.yaml": WORKSPACE,
        "logs/october.csv": LOG + "".join(lines) + PREPAID + SHORT,
        "bill/page.json": BILL,
        "reference/prices.csv": "provider,model,meter,unit_price_per_million\n"
        + "".join(f"{provider},{model},input,1000000\n" for provider, model in models),
        "reference/contracts.csv": "provider,model,discount_percent\nacme,*,10\n",
        "reference/commitments.csv": COMMITMENTS + "\n".join(commitments),
        "reference/invoices.csv": INVOICES,
        "reference/shared_costs.csv": "priority,match,method,targets\n"
        "1,residual_cause=unused_commitment & provider=openai,fixed,team=hr:1\n",
    }
