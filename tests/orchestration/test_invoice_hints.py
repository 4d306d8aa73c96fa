"""A month that does not tie names the line of invoices.csv that may say why."""

from datetime import date
from pathlib import Path

import duckdb

from ingestion.workspace.settings import load_workspace
from orchestration.checks.verdict import invoice_hints

SETTINGS = "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
LANDED = """
create schema landing;
create table landing.invoices as select * from (values
    (2, 'openai', 'note', 'A', date '2026-10-01', 'usage', 100.00, 0.00, null, 'ai'),
    (3, 'openai', 'note', 'CN', date '2026-10-01', 'usage', -22.00, -2.00, null, 'ai'),
    (4, 'openai', 'vat', 'B', date '2026-10-01', null, 121.00, null, null, null),
    (5, 'openai', 'tied', 'C', date '2026-10-01', 'usage', -5.00, null, null, 'ai'),
    (6, 'openai', 'vat', 'D', date '2026-10-01', 'usage', 300.00, null, null, 'all')
) as _(
    line, provider, billing_account, invoice_id, billing_month, kind, amount, tax, credits, covers
)
"""
MARTS = """
create table main.mart_reconciliation_monthly as
select *, date '2026-10-01' as billing_month from (values
    ('openai', 'note', -20.00), ('openai', 'vat', 21.00), ('openai', 'tied', 0.00)
) as _(provider, billing_account, unexplained)
"""


def test_a_credit_note_and_tax_that_an_invoice_does_not_say_are_named(tmp_path: Path) -> None:
    (tmp_path / "tollbook.yaml").write_text(SETTINGS)
    workspace = load_workspace(tmp_path)
    with duckdb.connect(workspace.warehouse) as warehouse:
        warehouse.execute(LANDED)
    with duckdb.connect() as marts:
        marts.execute(MARTS)
        note, tax = invoice_hints(marts, workspace, date(2026, 10, 1))
    assert note.startswith("invoices.csv:3: credits: CN does not say how much of it is credit: ")
    assert "write -20 there" in note
    assert tax.startswith("invoices.csv:4: tax: B does not say") and "write 21 there" in tax
