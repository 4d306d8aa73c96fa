"""Lines that name no model land under the cause of their words; two accounts stay two."""

from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

SETTINGS = """\
company: By hand
gateways:
  - {name: proxy, format: generic, location: logs}
bills:
  - {name: by_hand, format: manual_invoice, account: org-1, location: invoices}
"""
HEADER = "provider,account,month,description,kind,amount,currency\n"
LOG = '{"timestamp": "2026-10-01T00:00:00Z", "model_name": "m", "input_token_count": 1}\n'


def company(project: CompiledProject, folder: Path, lines: str) -> Company:
    files = {"logs/proxy.jsonl": LOG, "invoices/october.csv": HEADER + lines}
    return Company(project, write_company(folder, files, SETTINGS))


def test_each_line_is_under_its_rightful_cause(project: CompiledProject, tmp_path: Path) -> None:
    """A rounding is larger than any of ours could be, and an adjustment to be paid is no credit."""
    built = company(
        project,
        tmp_path,
        """\
mistral,,2026-10,Rounding adjustment,rounding,2.50,USD
mistral,,2026-10,Adjustment of September,adjustment,3,USD
mistral,,2026-10,Adjustment of August,adjustment,-4,USD
mistral,,2026-10,Lanes,unparsed,7,USD
mistral,,2026-10,Lanes,unparsed,-2,USD
mistral,,2026-10,Refund for an outage,unparsed,-1,USD
""",
    )
    assert built.query(
        "select residual_cause, sum(billed_cost)::double from fct_cost_allocations"
        " where cost_basis = 'billed' group by all order by all"
    ) == [("credit", -5.0), ("fee", 3.0), ("rounding", 2.5), ("unparsed", 5.0)]
    # one query lists them, those that give money back, too
    assert built.query(
        "select charge_description, billed_cost::double from fct_charges"
        " where charge_kind = 'unparsed' order by all"
    ) == [("Lanes", -2.0), ("Lanes", 7.0)]


def test_equal_lines_of_two_accounts_keep_their_ids(
    project: CompiledProject, tmp_path: Path
) -> None:
    """What one account's line costs after a correction does not rename another's."""
    lines = """\
mistral,org-1,2026-10,Chat,fee,5,USD
mistral,org-2,2026-10,Chat,fee,3,USD
cohere,org-1,2026-10,Chat,fee,4,USD
cohere,org-1,2026-10,Chat,fee,4,USD
"""
    ids = "select provider, billing_account_id, charge_id from fct_charges order by all"
    built = company(project, tmp_path, lines)
    before = built.query(ids)
    assert len({charge_id for *_, charge_id in before}) == 4
    (built.folder / "invoices/october.csv").write_text(
        HEADER + lines.replace("org-1,2026-10,Chat,fee,5", "org-1,2026-10,Chat,fee,2")
    )
    built.build()
    assert built.query(ids) == before
    assert built.value("select sum(billed_cost) from fct_charges") == Decimal(13)
