"""Times that prices.csv leaves without a price: `check` names what would stop a run."""

from pathlib import Path

import pytest

from orchestration.onboarding.price_gaps import undeclared_gaps
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

pytestmark = pytest.mark.whole

STOPS = "assert_a_key_has_one_price_at_a_time"
HEADER = "provider,model,meter,service_tier,region,unit_price_per_million,valid_from,valid_to\n"
LINES = (
    "own,llama,input,,,1,2026-01-01,2026-02-01\nown,llama,input,,,2,2026-03-01,\n"
    # in another order, and in a region and tier of its own
    "own,llama,output,batch,EU,2,2026-03-01,\nown,llama,output,batch,EU,1,2026-01-01,2026-02-01\n"
    # the book has prices of gpt-4o all the time
    "openai,gpt-4o,input,,,1,2026-01-01,2026-02-01\nopenai,gpt-4o,input,,,2,2026-03-01,\n"
)
DECLARED = (
    "own,llama,input,,,,2026-02-01,2026-03-01\nown,llama,output,batch,EU,,2026-02-01,2026-03-01\n"
)


def told(project: CompiledProject, folder: Path, lines: str, failing: list[str]) -> list[str]:
    written = write_company(folder, {"logs/.keep": "", "reference/prices.csv": HEADER + lines})
    (folder / "openai").mkdir()
    settings = "company: Acme\ngateways:\n  - {name: proxy, format: generic, location: logs}\n"
    (folder / "tollbook.yaml").write_text(settings)
    return undeclared_gaps(Company(project, written, failing).connection)


def test_a_gap_that_stops_a_run_is_named_by_its_lines(
    project: CompiledProject, tmp_path: Path
) -> None:
    time = "has no price from 2026-02-01 00:00 to 2026-03-01 00:00 UTC, after line"
    first, second = told(project, tmp_path, LINES, [STOPS])
    assert first.startswith(f"prices.csv:3: valid_from: own llama input standard {time} 2: fill")
    assert second.startswith(
        f"prices.csv:4: valid_from: own llama output batch in eu {time} 5: fill"
    )


@pytest.mark.parametrize("lines", [LINES + DECLARED, LINES.replace("2026-03-01", "2026-02-01")])
def test_a_time_that_is_declared_or_priced_is_no_gap(
    project: CompiledProject, tmp_path: Path, lines: str
) -> None:
    assert told(project, tmp_path, lines, []) == []
