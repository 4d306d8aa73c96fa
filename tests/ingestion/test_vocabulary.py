"""Words that ingestion, dbt and the command line share stand in ingestion/vocabulary.py alone."""

import re
from typing import Final

import yaml

from ingestion.contracts import REQUESTS
from ingestion.reference.tables import TABLES
from ingestion.vocabulary import FEE, METERS, OWNERS, UNITS, dbt_words
from ingestion.workspace.attribution import place_problem
from tests.support.dbt_words import PROJECT, with_words
from tests.support.owner_columns import files, with_owners

# Files of the dbt project that name several owner dimensions, and why.
NAMING_OWNERS: Final = {
    # a pool of capacity is used by teams for features: that is the mart's grain
    "models/marts/planning/mart_capacity_daily.sql": {"feature", "team"},
    "tests/marts/planning/planning_rows_are_whole.sql": {"feature", "team"},
    # a closed month is corrected by team and feature
    "models/ledger/int_chargeback_lines.sql": {"feature", "team"},
    "models/ledger/int_corrections.sql": {"feature", "team"},
    "models/marts/chargeback/mart_corrections.sql": {"feature", "team"},
    # what is disputed is a team's feature
    "models/marts/chargeback/mart_disputes.sql": {"feature", "team"},
    # what changed is told of a team's features
    "models/marts/finance/mart_variance_bridge.sql": {"feature", "team"},
    "tests/marts/finance/finance_rows_are_whole.sql": {"feature", "team"},
    # a price is a customer's, a feature's or a team's
    "models/marts/chargeback/mart_recovery_monthly.sql": {"feature", "team"},
    "macros/marts/recovery.sql": {"feature", "team"},
    "models/marts/chargeback/mart_chargeback_monthly.sql": {"feature", "team"},
    "tests/marts/chargeback/chargeback_rows_are_whole.sql": {"feature", "team"},
    "tests/ledger/assert_corrections_lead_from_the_ledger_to_what_is_known.sql": {
        "feature",
        "team",
    },
    # what is forecast is the company, a team, or a feature of a team
    "models/forecast/int_forecast_days.sql": {"feature", "team"},
    "models/marts/planning/mart_forecast_backtest.sql": {"feature", "team"},
    "models/marts/planning/mart_forecast_monthly.sql": {"feature", "team"},
    # revenue is of a tier and plan
    "models/marts/value/mart_tier_margin_monthly.sql": {"plan", "tier"},
    "tests/marts/value/value_rows_are_whole.sql": {"feature", "plan", "team", "tier"},
    # a team's page has its own features' users and runs
    "models/marts/value/mart_unit_cost_monthly.sql": {"feature", "team"},
    # a lever is pulled by a team for a feature
    "models/rating/int_lever_uses.sql": {"feature", "team"},
    "tests/rating/rating_rows_are_whole.sql": {"feature", "team"},
    "models/marts/savings/mart_savings_levers.sql": {"feature", "team"},
    "models/marts/savings/mart_savings_realised.sql": {"feature", "team"},
    "tests/marts/savings/savings_rows_are_whole.sql": {"feature", "team"},
    # a cause is a feature's model, a budget may be of one environment, a team is whom to tell
    "models/budgets/int_budget_uses.sql": {"environment", "feature"},
    "models/marts/controls/dim_budgets.sql": {"environment", "team"},
    "models/marts/controls/mart_control_coverage.sql": {"environment", "team"},
    "models/marts/controls/mart_budget_status_hourly.sql": {"environment", "feature"},
    "models/marts/controls/mart_runaways.sql": {"environment", "team"},
    # what is bought for seats is called plan, too: `seat_plan` from here on
    "models/charges/int_seats.sql": {"plan", "team"},
}
COMMENT: Final = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
# `feature`, `set_feature`, `credential_team`, `tier_source`; the service tier is no owner.
OWNER_NAME: Final = re.compile(
    r"\b(?:(?:set|from|to|said|rule|ruled|credential|customer)_)?"
    rf"({'|'.join(OWNERS)})(?:_id|_source|_rule|_spelling)?\b"
)


def test_dbt_project_repeats_the_words_as_they_are() -> None:
    text = PROJECT.read_text(encoding="utf-8")
    assert with_words(text) == text, "write them anew: python -m tests.support.dbt_words"
    written = yaml.safe_load(text)["vars"]
    assert {name: written[name] for name in dbt_words()} == dbt_words()


def test_a_meter_has_a_column_and_a_unit_that_bills_know() -> None:
    assert [name for name in REQUESTS.names if name.endswith("_quantity")] == [
        f"{meter}_quantity" for meter in METERS
    ]
    assert {meter.unit for meter in METERS.values()} | {"request"} == set(UNITS)
    assert {meter.tokens_of for meter in METERS.values()} - {None} < set(METERS)
    assert FEE not in METERS


def test_a_place_that_finds_an_owner_by_default_is_one_that_can() -> None:
    for dimension, owner in OWNERS.items():
        assert [place_problem(dimension, place) for place in owner.places] == [None] * len(
            owner.places
        )
        assert f"set_{dimension}" in TABLES["attribution_rules"].columns
        # a column that is not looked at finds nobody
        assert (owner.credential is not None) == ("credential" in owner.places)
        assert owner.customer == (f"customer:{dimension}" in owner.places)
        # whose key it is can be known of none but these
        assert not owner.accountable or owner.credential


def test_contracts_of_the_marts_name_every_owner_dimension() -> None:
    for file in files():
        text = file.read_text(encoding="utf-8")
        assert with_owners(text) == text, "write them anew: python -m tests.support.dbt_words"


def test_a_new_dimension_has_columns_where_all_others_have_them() -> None:
    def columns(*names: str) -> str:
        return "".join(
            f'      - name: {name}\n        description: "Of {name}."\n' for name in names
        )

    by_owner = "  - name: by_owner\n    columns:\n"
    by_plan = "  - name: by_plan\n    columns:\n" + columns("plan", "cost")
    sides = [f"{side}_{owner}" for owner in OWNERS for side in ("from", "to")]
    before = by_owner + columns(*sides, "cost") + by_plan
    assert with_owners(before) == before
    after = by_owner + columns(*sides, "from_product", "to_product", "cost") + by_plan
    assert with_owners(before, (*OWNERS, "product")) == after


def owners_named(sql: str) -> set[str]:
    return set(OWNER_NAME.findall(COMMENT.sub("", sql)))


def test_no_sql_lists_the_owner_dimensions() -> None:
    """A model says which it means, by the macros of owners.sql: a new one is a word here."""
    named = {
        file.relative_to(PROJECT.parent).as_posix(): owners_named(file.read_text())
        for file in PROJECT.parent.rglob("*.sql")
    }
    assert {file: words for file, words in named.items() if len(words) > 1} == NAMING_OWNERS


def test_a_list_of_owner_dimensions_by_hand_is_found() -> None:
    assert owners_named("select cells.feature, set_team, credentials.team_id") == {
        "feature",
        "team",
    }
    assert owners_named("-- by feature and plan\nselect {# tier #} team, service_tier") == {"team"}
