"""A check of the arithmetic that fails publishes nothing: the marts of the last good run stay."""

import hashlib
import shutil
from pathlib import Path

from workspace_runs import run


def test_a_charge_in_an_unknown_currency_publishes_nothing(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "company"
    shutil.copytree(built, folder)
    before = hashlib.sha256((folder / "marts.duckdb").read_bytes()).hexdigest()
    page = folder / "bills" / "openai" / "costs-01.json"
    dollars = page.read_text()
    page.write_text(dollars.replace('"currency":"usd"', '"currency":"eur"', 1))

    outcome = run(folder)

    assert outcome.status == 1
    told = next(line for line in outcome.output.splitlines() if "reporting_currency" in line)
    assert "dbt test assert_charges_are_in_the_reporting_currency: Got" in told
    assert "; first: charge_id " in told
    assert hashlib.sha256((folder / "marts.duckdb").read_bytes()).hexdigest() == before

    page.write_text(dollars)
    assert run(folder).status == 0


def test_a_second_bill_of_one_account_is_refused_unless_it_is_a_control(
    built: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "company"
    shutil.copytree(built, folder)
    settings = (folder / "tollbook.yaml").read_text()
    line = next(line for line in settings.splitlines() if "name: openai" in line)
    doubled = line.replace("name: openai", "name: openai_again")
    (folder / "tollbook.yaml").write_text(settings.replace(line, f"{line}\n{doubled}"))
    outcome = run(folder)
    assert outcome.status == 1
    assert "role: control" in outcome.output

    control = doubled.replace("}", ", role: control}")
    (folder / "tollbook.yaml").write_text(settings.replace(line, f"{line}\n{control}"))
    assert run(folder).status == 0
