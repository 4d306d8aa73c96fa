"""Words that ingestion, dbt and the command line share stand in ingestion/vocabulary.py alone."""

import yaml

from ingestion.contracts import REQUESTS
from ingestion.reference.tables import TABLES
from ingestion.vocabulary import FEE, METERS, OWNERS, UNITS, dbt_words
from ingestion.workspace.attribution import place_problem
from tests.support.dbt_words import PROJECT, with_words


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
