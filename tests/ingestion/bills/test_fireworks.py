"""Fireworks' export of usage costs, worked out by hand. It has no credits, tax or cached tokens."""

from pathlib import Path

import pytest

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.bills.test_consoles import CHARGES, expected, fixture
from tests.ingestion.readers import landed

HEADER = "account_id,date,group_by_dimension,group_by_value,subtotal_usd,currency\n"


class Fireworks:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._landing = Landing(open_storage(str(folder / "landing")))

    def save(self, name: str, text: str) -> LoadResult:
        path = self._folder / "bill" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        bill = Bill("desk", "fireworks", "my-account", str(path.parent), None, "bill", {})
        return load_bill(bill, self._landing)

    def rows(self, table: str, columns: str) -> list[tuple[object, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)


def test_a_months_export(tmp_path: Path) -> None:
    bill = Fireworks(tmp_path)
    result = bill.save("october.csv", fixture("fireworks"))
    assert (result.records, result.landed, result.quarantined) == (6, 4, 2)
    told = sorted(bill.rows("charges", CHARGES.format(last="principal_id")))
    assert told == expected("fireworks")
    assert bill.rows("quarantine", "record_no, field, reason") == [
        (3, "subtotal_usd", "not a number"),
        (4, "account_id", "another account than the bill's"),
    ]
    again = bill.save("october.csv", fixture("fireworks").replace("8.4", "8.5"))
    assert (again.objects_new, again.landed) == (1, 4)


def test_other_dimensions(tmp_path: Path) -> None:
    bill = Fireworks(tmp_path)
    lines = {
        "keys": "2026-10-05,api_key,key_4nM,1.5,USD",
        "users": "2026-10-06,user,accounts/a/users/alice,1,USD",
        "tiers": "2026-10-07,model_tier,GLM 5.2 (Fast),1,USD",
    }
    (tmp_path / "bill").mkdir()
    for name, line in lines.items():
        (tmp_path / "bill" / f"{name}.csv").write_text(f"{HEADER}my-account,{line}\n")
    bill.save("odd.csv", f"{HEADER}my-account,2026-10-08,region,us,1,USD\n")
    keys = "coalesce(credential_id, ''), coalesce(principal_id, ''), model, charge_kind"
    assert bill.rows("charges", keys) == [
        ("", "", None, "tokens"),
        ("", "accounts/a/users/alice", None, "tokens"),
        ("key_4nM", "", None, "tokens"),
    ]
    assert bill.rows("quarantine", "field") == [("group_by_dimension",)]


def test_one_usage_in_two_groupings_is_refused(tmp_path: Path) -> None:
    by_model = "my-account,2026-10-05,model,accounts/a/models/glm,1,USD\n"
    by_key = "my-account,2026-10-05,api_key,key_4nM,1,USD\n"
    bill = Fireworks(tmp_path)
    with pytest.raises(
        SourceError,
        match=r"both\.csv: `group_by_dimension` is model and api_key, which",
    ):
        bill.save("both.csv", HEADER + by_model + by_key)
    bill.save("both.csv", HEADER + by_model)
    with pytest.raises(SourceError, match=r"both\.csv and keys\.csv both have charges of 2026-10"):
        bill.save("keys.csv", HEADER + by_key)
