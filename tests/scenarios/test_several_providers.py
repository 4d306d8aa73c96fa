"""A bill of one format holds the charges of several providers: the format says nothing of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingestion.bills.openai import reader as openai
from ingestion.records import Parsed
from ingestion.reference.files import read_reference
from ingestion.workspace import formats
from ingestion.workspace.settings import load_workspace
from ingestion.workspace.sources import Bill
from orchestration.onboarding.reference_names import unknown_references
from orchestration.warehouse.billed_accounts import billed_accounts
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

DAY = "2026-10-05"
SETTINGS = """\
company: Cloud
gateways:
  - {name: proxy, format: generic, location: logs, columns: {credential_hint: key}}
  - {name: batch, format: generic, location: batch, account: acme-claude}
bills:
  - {name: cloud, format: market, account: payer, location: cloud}
"""
FILES = {
    "logs/a.jsonl": log([call(f"{DAY}T10:00:00Z", "gpt-4o", 100, key="key", provider="openai")]),
    "batch/a.jsonl": log([call(f"{DAY}T10:00:00Z", "claude-opus-4", 300, team="Night")]),
    "reference/credentials.csv": "source,credential_id,team_id\ncloud,key,Day\n",
    "cloud/openai+acme-gpt.json": costs(line(DAY, "gpt-4o, input", "1.00", 100)),
    "cloud/anthropic+acme-claude.json": costs(line(DAY, "claude-opus-4, input", "3.00", 300, None)),
}


def _market(objects: Mapping[str, bytes], bill: Bill) -> Iterator[tuple[str, Parsed]]:
    """OpenAI's pages, each of the provider and the account that its name says."""
    read: dict[str, Parsed] = {}
    for name, data in objects.items():
        read |= dict(openai.read_bill({name: data}, bill))
        provider, account = name.removesuffix(".json").split("+")
        for row in (row for rows in read[name].rows.values() for row in rows):
            row |= {"provider": provider, "billing_account": account}
    return iter(read.items())


@pytest.fixture
def company(project: CompiledProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    market = formats.BillFormat("market", provider=None)
    monkeypatch.setitem(formats.BILLS, "market", market)
    reader: Any = SimpleNamespace(
        READER_VERSION="1", FORMAT=openai.FORMAT, read_bill=_market, __name__="market"
    )
    known = formats.importlib.import_module
    monkeypatch.setattr(
        formats.importlib, "import_module", lambda name: reader if name == "market" else known(name)
    )
    return Company(project, write_company(tmp_path, FILES, SETTINGS))


def test_the_providers_of_a_bill_are_those_of_its_rows(company: Company) -> None:
    assert billed_accounts(company.connection) == {
        ("anthropic", "acme-claude"): "cloud",
        ("openai", "acme-gpt"): "cloud",
    }
    spent = company.query(
        "select provider, billing_account, team, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause is null group by all order by all"
    )
    # the key is known by the bill's name
    assert [(*row[:3], int(row[3])) for row in spent] == [
        ("anthropic", "acme-claude", "night", 3),
        ("openai", "acme-gpt", "Day", 1),
    ]
    # and the account of a gateway's entry finds its provider
    entry = "select provider from landing.sources where source = 'batch'"
    assert company.value(entry) == "anthropic"


def test_an_account_of_any_of_its_providers_is_known(company: Company) -> None:
    invoices = "provider,billing_account,invoice_id,billing_month,amount,currency\n" + "".join(
        f"{provider},{account},I,2026-10,1,USD\n"
        for provider, account in (("openai", "acme-gpt"), ("openai", "acme-claude"))
    )
    (company.folder / "reference/invoices.csv").write_text(invoices)
    workspace = load_workspace(company.folder)
    billed = billed_accounts(company.connection, standing=False)
    [told] = unknown_references(workspace, read_reference(workspace), billed)
    assert told.startswith(
        "invoices.csv:3: billing_account: no bill is of `acme-claude` of openai"
    ), json.dumps(told)


def test_two_such_bills_of_one_payer_are_told_by_what_they_hold(
    company: Company, tmp_path: Path
) -> None:
    """A payer has several such exports; whether two bill one account only their rows say."""
    second = "  - {name: other, format: market, account: payer, location: other}\n"
    (company.folder / "tollbook.yaml").write_text(SETTINGS + second)
    assert [bill.name for bill in load_workspace(company.folder).bills] == ["cloud", "other"]
