"""A month of Databricks' model serving: DBUs of a model, which say neither side nor tokens, follow
the requests of that hour; what is corrected is billed as corrected.
"""

import json
from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, write_company

SETTINGS = f"""\
company: Lakehouse
timezone: {ZONE}
gateways:
  - {{name: proxy, format: generic, location: logs, provider: databricks}}
bills:
  - {{name: lakehouse, format: databricks, account: lakehouse, location: usage}}
"""
ENDPOINT = "databricks-claude-sonnet-4-5"
LOG = f"""\
request_id,timestamp,model_name,input_token_count,output_token_count,team
a,2026-10-05T10:10:00Z,{ENDPOINT},3000,0,search
b,2026-10-05T10:20:00Z,{ENDPOINT},1000,0,chat
"""
PRICES = f"""\
provider,model,meter,unit_price_per_million
databricks,{ENDPOINT},input,3
databricks,{ENDPOINT},output,15
"""
# (hour, record type, product, DBUs, endpoint)
USAGE = (
    (10, "ORIGINAL", "MODEL_SERVING", "0.2", ENDPOINT),
    (10, "RETRACTION", "MODEL_SERVING", "-0.2", ENDPOINT),
    (10, "RESTATEMENT", "MODEL_SERVING", "0.16", ENDPOINT),
    (10, "ORIGINAL", "VECTOR_SEARCH", "4", None),
    (10, "ORIGINAL", "JOBS", "1000", None),
)


def lines() -> str:
    return "".join(
        json.dumps(
            {
                "workspace_id": "1",
                "sku_name": "PREMIUM_ANTHROPIC_MODEL_SERVING",
                "usage_start_time": f"2026-10-05T{hour}:00:00.000+00:00",
                "usage_end_time": f"2026-10-05T{hour + 1}:00:00.000+00:00",
                "usage_date": "2026-10-05",
                "usage_unit": "DBU",
                "usage_quantity": quantity,
                "usage_type": "TOKEN",
                "usage_metadata": {"endpoint_name": endpoint},
                "record_type": record_type,
                "billing_origin_product": product,
                "currency_code": "USD",
                "unit_price": "0.1",
            }
        )
        + "\n"
        for hour, record_type, product, quantity, endpoint in USAGE
    )


def test_dbus_of_a_model_follow_its_requests(project: CompiledProject, tmp_path: Path) -> None:
    files = {
        "logs/requests.csv": LOG,
        "usage/2026-10.json": lines(),
        "reference/prices.csv": PRICES,
    }
    company = Company(project, write_company(tmp_path / "company", files, SETTINGS))
    assert company.by("team") == {
        "search": Decimal("0.012"),
        "chat": Decimal("0.004"),
        "__unallocated__": Decimal("0.4"),
    }
    assert company.by("residual_cause") == {None: Decimal("0.016"), "non_token": Decimal("0.4")}
    foreign = "select service, billed_cost_in_billing_currency from landing.foreign_charges"
    assert company.query(foreign) == [("JOBS", Decimal(100))]
