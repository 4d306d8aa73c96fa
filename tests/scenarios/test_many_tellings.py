"""One bill in several tellings: the same owners wherever each has the key, else the run says which
dollars have become coarser. AWS's month is a payer's with five linked accounts.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

PAYER = "111122223333"
LINKED = tuple(f"{number}" * 12 for number in range(4, 9))
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
INPUT, OUTPUT = "USE1-Claude4.5Sonnet-input-tokens", "USE1-Claude4.5Sonnet-output-tokens"
GATEWAY, NIGHT = (f"arn:aws:iam::{LINKED[4]}:role/{name}" for name in ("gateway", "night"))
SETTINGS = """\
company: Tellings
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, sub_account_hint: account, gateway_team: team}
bills:
  - {name: bill, format: FORM, account: "ACCOUNT", location: bill}
"""
# (linked account, usage type, day and hour, thousands of tokens, dollars, who called)
LINES = (
    *((account, INPUT, "07T10", "4", "0.012", GATEWAY) for account in LINKED),
    *((account, OUTPUT, "07T10", "1", "0.015", GATEWAY) for account in LINKED),
    (LINKED[0], INPUT, "08T03", "20", "0.06", GATEWAY),
    # what no gateway logged, by a role of its own
    (LINKED[4], INPUT, "09T03", "2", "0.005", NIGHT),
)
OUTSIDE = Decimal("0.005")
PAYABLE = sum((Decimal(line[4]) for line in LINES), Decimal(0))


def calls() -> Iterator[dict[str, object]]:
    """A team for each account; the first shares its account with another one."""
    said = {"provider": "bedrock"}
    for number, account in enumerate(LINKED):
        parts = (3000, 1000) if number == 0 else (4000,)
        for part, fresh in enumerate(parts):
            output = fresh // 4
            yield call(
                f"2026-10-07T10:{part:02}:00Z", SONNET, fresh, output,
                account=account, team=f"t{number}{part}", **said,
            )  # fmt: skip
    yield call("2026-10-08T03:10:00Z", SONNET, 20_000, account=LINKED[0], team="t00", **said)


def cur(lines: Iterable[tuple[str, ...]] = LINES) -> Iterator[dict[str, str]]:
    for account, usage_type, hour, amount, dollars, principal in lines:
        yield {
            "bill_billing_period_start_date": "2026-10-01T00:00:00Z",
            "bill_payer_account_id": PAYER,
            "line_item_usage_account_id": account,
            "line_item_line_item_type": "Usage",
            "line_item_usage_start_date": f"2026-10-{hour}:00:00Z",
            "line_item_usage_end_date": f"2026-10-{hour[:3]}{int(hour[3:]) + 1:02}:00:00Z",
            "line_item_product_code": "AmazonBedrock",
            "line_item_usage_type": usage_type,
            "line_item_usage_amount": amount,
            "line_item_currency_code": "USD",
            "line_item_unblended_cost": dollars,
            "line_item_iam_principal": principal,
            "pricing_unit": "1K tokens",
        }


def focus(lines: Iterable[tuple[str, ...]] = LINES) -> Iterator[dict[str, str]]:
    for account, usage_type, hour, amount, dollars, _ in lines:
        yield {
            "BilledCost": dollars,
            "BillingAccountId": PAYER,
            "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-10-01T00:00:00Z",
            "ChargeCategory": "Usage",
            "ChargePeriodStart": f"2026-10-{hour}:00:00Z",
            "ChargePeriodEnd": f"2026-10-{hour[:3]}{int(hour[3:]) + 1:02}:00:00Z",
            "ConsumedQuantity": amount,
            "ConsumedUnit": "1K tokens",
            "ProviderName": "AWS",
            "ServiceName": "Amazon Bedrock",
            "SubAccountId": account,
            "x_UsageType": usage_type,
        }


def table(rows: Iterable[Mapping[str, str]]) -> str:
    rows = list(rows)
    text = io.StringIO()
    lines = csv.DictWriter(text, list(rows[0]))
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue()


def delivery(rows: Iterable[Mapping[str, str]], execution: str) -> dict[str, str]:
    """As AWS keeps deliveries, whose manifest comes last."""
    folder = f"BILLING_PERIOD=2026-10/{execution}"
    manifest = {"dataFiles": [f"s3://bills/x/data/{folder}/x-00001.csv"]}
    return {
        f"bill/data/{folder}/x-00001.csv": table(rows),
        f"bill/metadata/{folder}/x-Manifest.json": json.dumps(manifest),
    }


FIRST, SECOND = "20261103T031500Z-1", "20261105T031500Z-2"
TELLINGS = {
    "aws_cur": delivery(cur(), FIRST),
    "aws_focus": delivery(focus(), FIRST),
    "focus": {"bill/2026-10.csv": table(focus())},
}
OWNED = """
    select usage_date, sub_account, model, meter, team, quantity, residual_cause, sum(billed_cost)
    from fct_cost_allocations where residual_cause is null group by all order by all
"""


def aws(
    project: CompiledProject,
    folder: Path,
    form: str,
    payable: Decimal = PAYABLE,
    owned: str = NIGHT,
) -> Company:
    files = {
        "logs/a.jsonl": log(calls()),
        "reference/credentials.csv": f"source,credential_id,team_id\nbill,{owned},night\n",
        "reference/invoices.csv": (
            "provider,billing_account,invoice_id,billing_month,amount,currency\n"
            f"aws,{PAYER},I-1,2026-10,{payable:.2f},USD\n"
        ),
    }
    settings = SETTINGS.replace("FORM", form).replace("ACCOUNT", PAYER)
    return Company(project, write_company(folder, files | TELLINGS[form], settings))


def test_a_payer_with_five_linked_accounts_in_three_tellings(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Each account's team has its money, to the token, whether AWS says it as CUR or as FOCUS."""
    told = {form: aws(project, tmp_path / form, form) for form in TELLINGS}
    owned = {form: company.query(OWNED) for form, company in told.items()}
    assert owned["aws_cur"] == owned["aws_focus"] == owned["focus"]
    teams = dict(
        told["focus"].query(
            "select team, sum(billed_cost) from fct_cost_allocations"
            " where residual_cause is null group by all"
        )
    )
    share = Decimal("0.027")
    assert teams == {
        "t00": share * 3 / 4 + Decimal("0.06"),
        "t01": share / 4,
        **{f"t{number}0": share for number in range(1, 5)},
    }
    for company in told.values():
        assert company.query(
            "select invoice_status, unexplained, billed, outside_gateway"
            " from mart_reconciliation_monthly"
        ) == [("tied", 0, PAYABLE, OUTSIDE)]


def test_the_run_says_which_dollars_a_telling_without_the_key_makes_coarser(
    project: CompiledProject, tmp_path: Path
) -> None:
    """CUR has the IAM principal, whose owner credentials.csv knows; FOCUS has none."""
    outside = (
        "select team, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause = 'outside_gateway' group by all"
    )
    lacking = (
        "select state, is_in_use, residual_cost from mart_owner_readiness"
        " where setting = 'iam_principal'"
    )
    by_cur = aws(project, tmp_path / "cur", "aws_cur")
    assert by_cur.query(outside) == [("night", OUTSIDE)]
    assert by_cur.query(lacking) == []
    for form in ("aws_focus", "focus"):
        by_focus = aws(project, tmp_path / form, form)
        assert by_focus.query(outside) == [("__unallocated__", OUTSIDE)]
        assert by_focus.query(lacking) == [("missing", False, OUTSIDE)]


def test_an_owner_of_a_linked_account_has_the_same_money_in_each_telling(
    project: CompiledProject, tmp_path: Path
) -> None:
    """A line of credentials.csv for the key that every telling has; requests keep their teams."""
    teams = "coalesce(residual_cause || ' of ', '') || team"
    told = [aws(project, tmp_path / form, form, owned=LINKED[4]).by(teams) for form in TELLINGS]
    assert told[0] == told[1] == told[2]
    assert (told[0]["outside_gateway of night"], told[0]["t40"]) == (OUTSIDE, Decimal("0.027"))


@pytest.mark.parametrize("form", ["aws_cur", "aws_focus"])
def test_a_restated_delivery_that_drops_a_day_takes_its_money_back(
    project: CompiledProject, tmp_path: Path, form: str
) -> None:
    company = aws(project, tmp_path, form)
    kept = [line for line in LINES if not line[2].startswith("08")]
    restated = delivery(cur(kept) if form == "aws_cur" else focus(kept), SECOND)
    write_company(tmp_path, restated, (tmp_path / "tollbook.yaml").read_text())
    company.build()
    days = "select usage_date, sum(billed_cost) from fct_cost_allocations group by all order by all"
    assert {f"{day:%d}": dollars for day, dollars in company.query(days)} == {
        "07": Decimal("0.135"),
        "08": Decimal(0),
        "09": OUTSIDE,
    }
    assert company.query("select invoice_status, billed from mart_reconciliation_monthly") == [
        ("not_tied", PAYABLE - Decimal("0.06"))
    ]
