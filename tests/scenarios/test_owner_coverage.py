"""How many of a month's dollars have an owner: of what was charged, whatever was taken back."""

from decimal import Decimal
from pathlib import Path

from orchestration.onboarding.owner_coverage import owner_coverage
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

DAY = "2026-10-05"
FILES = {
    "logs/a.jsonl": log(
        [
            call(f"{DAY}T10:00:00Z", "gpt-4o", 300, team="Search"),
            call(f"{DAY}T11:00:00Z", "gpt-4o", 100),
        ]
    ),
    "openai/costs.json": costs(
        line(DAY, "gpt-4o, input", "8.00", 400), line(DAY, "refund", "-5.00", None)
    ),
}


def test_a_credit_without_an_owner_lifts_nobody_above_the_whole(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = Company(project, write_company(tmp_path, FILES))
    covered = owner_coverage(company.connection)
    assert covered is not None
    assert covered.charged == Decimal(8)
    assert covered.owned["team"] == Decimal(6)
    assert covered.owned["feature"] == 0
