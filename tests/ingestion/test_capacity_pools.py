from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.reference.csvs.capacity_pools import pool_globs
from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import load_workspace

HEADER = "pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments,valid_from,valid_to\n"


def read(folder: Path, lines: str, header: str = HEADER) -> list[dict[str, object]]:
    (folder / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: g, format: litellm, location: logs}]\n"
    )
    (folder / "reference").mkdir(exist_ok=True)
    (folder / "reference" / "capacity.csv").write_text(header + lines)
    return read_reference(load_workspace(folder))["capacity"].to_pylist()


def problems(folder: Path, lines: str) -> list[str]:
    with pytest.raises(ReferenceError) as caught:
        read(folder, lines)
    return [line.partition("capacity.csv:")[2] for line in str(caught.value).split("\n")]


def test_a_pool_may_have_several_owners_and_deployments(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        "gpu,self_hosted,8166.67,12000000,tokens,ml,llama-*; mistral,,\n"
        "gpu,self_hosted,100,1000,tokens,hr,llama-*,,\ngpu,self_hosted,1,1,tokens,,x,,2026-10-01\n",
    )
    assert [(row["owner"], row["monthly_cost"], row["capacity"]) for row in rows] == [
        ("ml", Decimal("8166.67"), 12_000_000),
        ("hr", Decimal(100), 1000),
        (None, Decimal(1), 1),
    ]
    assert pool_globs(" llama-*; mistral;") == ["llama-*", "mistral"]


def test_what_cannot_be_is_told_with_line_and_column(tmp_path: Path) -> None:
    assert problems(
        tmp_path, "gpu,rented,-1,0,hours,ml,x,,\ngpu,provisioned,1,1.5,tokens,ml,,,\n"
    ) == [
        "2: capacity: `0` is not a whole number of units in an hour like 12000000",
        "2: capacity_unit: `hours` is not one of tokens, requests, gpu_seconds",
        "2: monthly_cost: `-1` is negative: a cost is 0 or more",
        "2: supply: `rented` is not one of self_hosted, provisioned",
        "3: capacity: `1.5` is not a whole number of units in an hour like 12000000",
        "3: deployments: is empty: give a value",
    ]


def test_a_deployment_is_of_one_pool_at_a_time(tmp_path: Path) -> None:
    october = "2026-10-01"
    assert problems(
        tmp_path,
        f"a,self_hosted,1,1,tokens,,gpt-*;llama,,{october}\n"
        "b,self_hosted,1,1,tokens,,*-gpt;gpt-1;llama,,\n"
        f"c,self_hosted,1,1,tokens,,llama,{october},\n",
    ) == [
        "3: deployments: `*-gpt` ties with line 2 (`gpt-*`), another pool, in an overlapping"
        " time: end one before the other starts",
        "3: deployments: `llama` ties with line 2 (`llama`), another pool, in an overlapping"
        " time: end one before the other starts",
        "4: deployments: `llama` ties with line 3 (`llama`), another pool, in an overlapping"
        " time: end one before the other starts",
    ]


def test_a_pool_has_one_supply_and_unit_and_an_owner_once(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        "a,self_hosted,1,1,tokens,ml,x,,\na,provisioned,1,1,requests,hr,x,,\n"
        "a,self_hosted,2,1,tokens,ml,x,,\n",
    ) == [
        "3: capacity_unit: `requests` is not that of the same pool in line 2 (`tokens`): keep one",
        "3: supply: `provisioned` is not that of the same pool in line 2 (`self_hosted`): keep one",
        "4: capacity_unit: `tokens` is not that of the same pool in line 3 (`requests`): keep one",
        "4: pool: `a, ml` ties with line 2 (`a, ml`) in an overlapping time: end one before the"
        " other starts",
        "4: supply: `self_hosted` is not that of the same pool in line 3 (`provisioned`): keep one",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a,provisioned,1,1,tokens,,x,,,openai,", "provider: give both provider and billing_acc"),
        ("a,provisioned,1,1,tokens,,x,,,own,gpu", "provider: `own` is what it is without one"),
        ("a,self_hosted,1,1,tokens,,x,,,azure,s", "provider: only provisioned capacity is on a"),
    ],
)
def test_an_account_is_given_whole_and_for_provisioned_capacity(
    tmp_path: Path, line: str, problem: str
) -> None:
    header = HEADER.rstrip("\n") + ",provider,billing_account\n"
    with pytest.raises(ReferenceError) as caught:
        read(tmp_path, line, header)
    assert f"capacity.csv:2: {problem}" in str(caught.value)
