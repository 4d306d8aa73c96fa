"""Matching and allocation of many random accounts at once: what must hold whatever they hold."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_build import GROUPINGS, Built, build
from random_cases import METERS, MODELS, is_named
from random_facts import assert_in_reach, band, is_countable, line_of, net_quantity, side
from random_invoices import invoices_of, month_of


@pytest.fixture(scope="module", params=[300, pytest.param(10_000, marks=pytest.mark.slow)], ids=str)
def count(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def result(count: int, built: Path) -> Built:
    return build(built, count, Random("order"))


def charges_by_key(result: Built) -> list[tuple[str, ...]]:
    """Charges of one period whose words, so all that they are of, are one line's."""
    keys: dict[Any, list[str]] = defaultdict(list)
    for charge, row in result.charges.items():
        keys[*line_of(row), row["bucket_start"]].append(charge)
    return [tuple(sorted(charges)) for charges in keys.values()]


def net_of(result: Built, key: tuple[str, ...]) -> Decimal | None:
    return net_quantity(result.charges[charge] for charge in key)


def test_every_data_test_holds(result: Built) -> None:
    assert result.failing == []


def test_every_charge_is_allocated_exactly_in_shares_of_it(result: Built) -> None:
    allocated: dict[str, Decimal] = defaultdict(Decimal)
    for _, charge, *_, billed, _, _ in result.tables["allocations"]:
        if charge not in result.charges:
            assert billed == 0 or charge.startswith("invoice:")
            continue
        whole = result.charges[charge]["billed_cost_in_billing_currency"]
        assert min(whole, 0) <= billed <= max(whole, 0), charge
        allocated[charge] += billed
    rows = {
        charge: row["billed_cost_in_billing_currency"] for charge, row in result.charges.items()
    }
    assert allocated == rows
    assert len(rows) == sum(len(case.charges) for case in result.cases.values())


def test_known_keys_that_differ_never_match(result: Built) -> None:
    matched = 0
    for account, charge_id, cell, cell_meter, *_, level, method in result.tables["allocations"]:
        if cell is None or charge_id not in result.charges:
            continue
        matched += 1
        charge = result.charges[charge_id]
        assert charge["billing_account"] == account
        meter = charge["meter"] or cell_meter
        assert level == "meter_shift" or meter == cell_meter
        assert meter == cell_meter or "output" not in (meter, cell_meter)
        for request in result.cells[cell]:
            assert request["account_hint"] == account
            assert charge["model"] in (request["model_requested"], None)
            for known, also in (
                ("service_tier", "service_tier"),
                ("credential_hint", "credential_id"),
                ("sub_account_hint", "sub_account_id"),
                ("region", "region"),
            ):
                assert None in (request[known], charge[also]) or request[known] == charge[also]
            # of a model without a long-context price the bill alone knows the band
            is_banded = charge["provider"] == "anthropic"
            assert charge["context_band"] in (band(request), None) or not is_banded
            if method != "reversal":
                assert_in_reach(request, charge)
    assert matched > len(result.cases) / 2


def test_no_quantity_is_explained_twice(result: Built) -> None:
    of_cells: dict[tuple[str, str], int] = defaultdict(int)
    of_charges: dict[str, int] = defaultdict(int)
    for _, charge, cell, cell_meter, _, quantity, *_ in result.tables["allocations"]:
        if cell is not None:
            of_cells[cell, cell_meter] += quantity
        if charge in result.charges and quantity is not None:
            of_charges[charge] += quantity
    for (cell, meter), quantity in of_cells.items():
        logged = sum(request.get(f"{meter}_quantity") or 0 for request in result.cells[cell])
        assert quantity == logged, (cell, meter)
    keys = charges_by_key(result)
    nets = {charge: key for key in keys for charge in key if net_of(result, key) is not None}
    for key in set(nets.values()):
        net = net_of(result, key)
        assert not is_countable(net) or sum(of_charges[charge] for charge in key) == net, key
    for charge, row in result.charges.items():
        billed = row["consumed_quantity"]
        if not is_countable(billed) or charge in nets:
            continue
        # what follows the line that it takes back has money and no quantity
        assert of_charges[charge] == billed or (billed < 0 and of_charges[charge] == 0), charge


def test_what_is_taken_back_and_entered_again_is_split_as_what_is_left(result: Built) -> None:
    """Where nothing is left no request has anything; of other keys all lines lie alike."""
    cells: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for _, charge, cell, cell_meter, *_, billed, _, _ in result.tables["allocations"]:
        cells[charge][cell, cell_meter] += billed
    seen: Counter[str] = Counter()
    for key in charges_by_key(result):
        net = net_of(result, key)
        if net is None:
            continue
        whole = {c: result.charges[c]["billed_cost_in_billing_currency"] for c in key}
        largest = min(key, key=lambda charge: (-whole[charge], charge))
        seen["again" if len(key) > 2 else "back"] += 1
        seen["explained"] += any(cell for cell, _ in cells[largest])
        if net == 0:
            seen["nothing"] += 1
            assert {cell for charge in key for cell, _ in cells[charge]} == {None}
        for charge in key:
            for place, billed in cells[charge].items():
                exact = whole[charge] * cells[largest][place] / whole[largest]
                assert abs(billed - exact) <= Decimal("2e-12"), charge
    assert seen.keys() == {"again", "back", "explained", "nothing"}


def test_explained_is_at_most_what_was_logged_and_billed(result: Built) -> None:
    explained: dict[tuple[str, str, str], int] = defaultdict(int)
    for account, charge, cell, _, meter, quantity, *_ in result.tables["allocations"]:
        if cell is not None and charge in result.charges:
            model = result.cells[cell][0]["model_requested"]
            explained[account, model, side(meter)] += quantity
    for account, case in result.cases.items():
        for model, meters in product(MODELS, ("input", "output")):
            logged = sum(
                request.get(f"{meter}_quantity") or 0
                for request in case.requests
                for meter in METERS
                if request["model_requested"] == model and side(meter) == meters
            )
            assert explained[account, model, meters] <= logged, (account, model)
            lines = [charge for charge in case.charges if charge["charge_kind"] == "tokens"]
            if all(is_named(row) and is_countable(row["consumed_quantity"]) for row in lines):
                billed = sum(
                    max(charge["consumed_quantity"], 0)
                    for charge in lines
                    if charge["model"] == model and side(charge["meter"]) == meters
                )
                assert explained[account, model, meters] <= billed, (account, model)


def test_what_the_usage_report_tells_of_a_key_is_billed_to_it_once(result: Built) -> None:
    """Tokens under a credential that the bill does not name are never more than reported."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for account, credential, quantity in result.tables["bridged"]:
        found[account, credential] += quantity
    assert len(found) > len(result.cases) / 20
    for (account, credential), quantity in found.items():
        reported = sum(
            row["quantity"]
            for row in result.cases[account].usage
            if row["credential_id"] == credential
        )
        assert quantity <= reported, (account, credential)


def test_a_line_is_billed_in_the_month_of_its_own_calendar(result: Built) -> None:
    months: dict[tuple[str, Any], Decimal] = defaultdict(Decimal)
    for account, case in result.cases.items():
        for charge in case.charges:
            months[account, month_of(case, charge)] += charge["billed_cost_in_billing_currency"]
    assert {(account, month): cost for account, month, cost in result.tables["billed"]} == months


def test_an_invoice_ties_but_for_what_nothing_explains(result: Built) -> None:
    """Summed here again from the rows as they were written; rounding is within its bound."""
    statuses = set()
    for account, month, amount, allocated, unexplained, lines, rounding in result.tables["tied"]:
        case = result.cases[account]
        paper = [row["amount"] for row in invoices_of(case) if row["billing_month"] == month]
        assert amount == (sum(paper) if paper else None)
        assert unexplained == (sum(paper) - allocated if paper else None)
        assert abs(rounding) <= min(lines * Decimal("0.005"), 1)
        statuses.add(None if unexplained is None else unexplained == 0)
    assert statuses == {None, True, False}


def test_the_order_of_rows_decides_nothing(result: Built, count: int, built: Path) -> None:
    again = build(built, count, Random("another order"))
    assert again.tables == result.tables


def test_records_delivered_twice_and_bills_pulled_again_change_nothing(
    result: Built, count: int, built: Path
) -> None:
    again = build(built, count, Random("third order"), again=True)
    assert again.failing == []
    assert again.tables == result.tables


def test_a_reversal_leaves_each_cell_what_it_did_not_take_back(result: Built) -> None:
    """Words are of one line each, so that a reversal takes back that line and no other."""
    shares: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    reversals = set()
    for _, charge, cell, cell_meter, *_, billed, _, method in result.tables["allocations"]:
        if charge in result.charges:
            shares[charge][cell, cell_meter] += billed
            if method == "reversal":
                reversals.add(charge)
    originals = {
        line_of(row): charge for charge, row in result.charges.items() if '"line"' in row["raw_row"]
    }
    taken_whole = 0
    for charge in reversals:
        row = result.charges[charge]
        original = originals[line_of(row)]
        assert shares[charge].keys() <= shares[original].keys(), charge
        money = result.charges[original]["billed_cost_in_billing_currency"]
        if money == -row["billed_cost_in_billing_currency"]:
            taken_whole += 1
            for cell, billed in shares[charge].items():
                assert shares[original][cell] == -billed, charge
    assert taken_whole > len(result.cases) / 50


def test_every_grouping_has_one_total(result: Built) -> None:
    totals = {name: result.tables[name] for name in GROUPINGS}
    assert totals["by feature"]
    assert len({repr(rows) for rows in totals.values()}) == 1
