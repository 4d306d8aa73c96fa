"""A key that was rotated: `tollbook check` names it, with the two lines of deployments.csv."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.reference.files import read_reference
from ingestion.workspace.settings import load_workspace
from orchestration.onboarding.rotated_keys import rotated_keys
from tests.field.keyless_accounts import Bill, Case, build, split, used, written
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company

DAYS = [f"2026-10-{day}" for day in (13, 14, 15, 16)]
CALLS = [used("web", 1000, day) for day in DAYS]
ROTATED = [(day, "old" if day < DAYS[2] else "new", "p", 1000) for day in DAYS]
AT_NOON = [(DAYS[0], "old", "p", 1000), *((day, "old", "p", 500) for day in DAYS[1:3])]
AT_NOON += [(day, "new", "p", 500) for day in DAYS[2:]]
UNBILLED = "no bill charges this key from 2026-10-15 to 2026-10-16, though its requests have 2000"
COLUMNS = (
    "gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id,region,"
    "valid_from,valid_to"
)


def told(project: CompiledProject, folder: Path, case: Case) -> list[str]:
    connection = Company(project, written(folder, [case])).connection
    workspace = load_workspace(folder)
    return rotated_keys(connection, workspace, read_reference(workspace))


def lines(deployment: str = "*", account: str = "org-g", project: str = "p") -> str:
    """What is to be pasted; in the file provider and account may be empty."""
    shared = f"g,{deployment},openai,{account},{project}"
    return f"{shared},old,,,2026-10-15\n{shared},new,,2026-10-15,"


@pytest.mark.parametrize(
    ("said", "deployments", "calls", "bill", "place", "pasted"),
    [
        ("", ["*,p,old,,"], CALLS, ROTATED, "deployments.csv:2: old of gateway g", lines()),
        ("", ["*,,old,,"], CALLS, ROTATED, "deployments.csv:2: old of gateway g", lines()),
        ("credential: old", [], CALLS, ROTATED, "tollbook.yaml: old of gateway g", lines()),
        (
            "",
            ["eu-*,p,old,,"],
            [call | {"deployment": "eu-1"} for call in CALLS],
            ROTATED,
            "deployments.csv:2: old of gateway g",
            lines("eu-*"),
        ),
    ],
)
def test_a_key_that_is_billed_no_more_is_named_with_the_lines_to_write(
    project: CompiledProject,
    tmp_path: Path,
    said: str,
    deployments: Sequence[str],
    calls: list[dict[str, object]],
    bill: Bill,
    place: str,
    pasted: str,
) -> None:
    """Trap 22: a key of the bill may be in no list any more."""
    unbilled, advice = told(
        project, tmp_path, Case("g", calls, bill, said, deployments=deployments)
    )
    assert unbilled.startswith(f"{place}: {UNBILLED}")
    assert f"(columns {COLUMNS})" in advice
    assert "old of openai org-g, p is charged until 2026-10-14, and new from 2026-10-15" in advice
    assert advice.endswith(f":\n{pasted}")


def test_a_key_that_was_rotated_at_noon_is_found_though_both_are_billed_that_day(
    project: CompiledProject, tmp_path: Path
) -> None:
    unbilled, advice = told(project, tmp_path, Case("g", CALLS, AT_NOON, deployments=["*,p,old,,"]))
    assert "no bill charges this key on 2026-10-16, though its requests have 1000" in unbilled
    assert advice.endswith(lines())


def test_a_gateway_of_which_nothing_says_a_key_gets_the_lines_too(
    project: CompiledProject, tmp_path: Path
) -> None:
    [advice] = told(project, tmp_path, Case("g", CALLS, ROTATED))
    assert advice.endswith(lines())


def test_a_key_that_no_bill_ever_charges_is_named_alone(
    project: CompiledProject, tmp_path: Path
) -> None:
    bill = [(day, "other", "p", 1000) for day in DAYS]
    [unbilled] = told(project, tmp_path, Case("g", CALLS, bill, deployments=["*,p,odl,,"]))
    assert unbilled.startswith("deployments.csv:2: odl of gateway g: no bill charges this key from")


@pytest.mark.parametrize(
    ("deployments", "bill"),
    [
        # the two lines stand there
        (["*,p,old,,2026-10-15", "*,p,new,2026-10-15,"], ROTATED),
        # the key goes on
        (["*,p,old,,"], [(day, "old", "p", 1000) for day in DAYS]),
        # the bill is not there yet
        (["*,p,old,,"], [line for line in ROTATED if line[1] == "old"]),
        # a key of another project begins
        (["*,p,new,,"], [(day, "new", "p", 1000) for day in DAYS] + [(DAYS[0], "x", "q", 5)]),
    ],
)
def test_nothing_is_told_where_nothing_rotated(
    project: CompiledProject, tmp_path: Path, deployments: Sequence[str], bill: Bill
) -> None:
    assert told(project, tmp_path, Case("g", CALLS, bill, deployments=deployments)) == []


def test_with_the_two_lines_each_key_has_its_days(project: CompiledProject, tmp_path: Path) -> None:
    deployments = ["*,p,old,,2026-10-15", "*,p,new,2026-10-15,"]
    case = Case("g", CALLS, ROTATED, "", ["old,lab,,,,", "new,lab,,,,"], deployments)
    company = build(project, tmp_path, [case])
    assert split(company, "g") == {("web", "requests"): Decimal("0.01")}
