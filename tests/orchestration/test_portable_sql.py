"""The models' SQL is what DuckDB and Spark read alike, and says what a row's place depends on."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from orchestration.dbt.invocation import PROJECT

# what one engine alone says stands here
ENGINES = PROJECT / "macros" / "engines"
SQL = sorted(file for file in PROJECT.rglob("*.sql") if ENGINES not in file.parents)
COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
ONE_ENGINE = {
    "exclude or replace of a star": r"\*\s*(exclude|except|replace)\b",
    "union by name": r"\bby\s+name\b",
    "xor of hashes, in which equal rows cancel": r"\bbit_xor\b",
    "a hash that each engine makes its own way": r"\bhash\(",
}
# words that Spark lacks or reads another way, in what leads from landed requests to cells
NOT_OF_SPARK = {
    "text without a length": r"\bas varchar\b",
    "a cast by colons": r"::",
    "strpos and starts_with, Spark's is instr": r"\b(strpos|starts_with)\(",
    "a whole division: quotient": r"//",
    "try_cast of texts": r"\btry_cast\(",
    "blanks of a caller's text: trimmed": r"(?<!\w)[lr]?trim\(",
    "JSON: json_value": r"\bjson_extract\w*\(|->",
    "an instant's beginning: start_of": r"\bdate_trunc\(",
    "lists": r"\blist_\w+\(|\bunnest\(|\bstring_agg\(|\bgenerate_series\(",
    "a backslash in a text": r"'[^'\n]*\\[^'\n]*'",
    "rows by another clause": r"\bdistinct on\b|\bqualify\b|\b(group|order) by all\b",
    "numbers of 128 bits": r"\bu?hugeint\b",
}
# where the stage begins, what it ends in, and what is decided before it: which records stand
BEGINS = "stg_landing__requests_in_hand"
ENDS = {
    *("int_cells", "int_cell_meters", "int_cell_keys", "int_model_uses", "int_gateway_drift"),
    *("int_unpriced_daily", "int_users_and_runs_daily", "int_unit_usage_daily", "int_rule_values"),
    *("int_request_rules", "int_owned_daily", "int_sessions_daily", "int_use_hourly"),
    *("int_day_restatements", "int_lever_uses"),
    *("fct_requests", "fct_request_meters"),
}
DECIDED = {"int_start_days", "int_record_exceptions", "int_record_days"}
REFERRED = re.compile(r"\bref\('(\w+)'\)")
# the database or what dbt knows of it, and a model read in no place that shows
ASKS = re.compile(
    r"\b(run_query|execute|statement|load_relation|load_cached_relation|get_columns_in_relation)\b"
    r"|\badapter\.(?!dispatch\b|quote\b)|\bgraph\.|\bdo (ref|source)\("
)
# where the keys of an `order by` end, if not at a bracket
END = re.compile(r"\b(rows|range)\s+between\b|\blimit\b|\{%-?\s*(endif|else|endmacro)\b")
PLACED = re.compile(r"nulls (first|last)$")


def _code(file: Path) -> str:
    return COMMENT.sub("", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("what", ONE_ENGINE)
def test_no_sql_of_one_engine(what: str) -> None:
    assert [file.name for file in SQL if re.search(ONE_ENGINE[what], _code(file))] == []


@pytest.mark.parametrize("what", NOT_OF_SPARK)
def test_the_request_stage_is_what_spark_reads_too(what: str) -> None:
    assert {name for name, code in _stage().items() if re.search(NOT_OF_SPARK[what], code)} == set()


def test_the_stage_is_found_in_the_files() -> None:
    assert {BEGINS, "int_requests_identified", "int_request_meters", *ENDS} <= _stage().keys()


def _stage() -> dict[str, str]:
    """Models from landed requests to the cells, whatever they are called -> their SQL."""
    texts = {file.stem: _code(file) for file in SQL if file.is_relative_to(PROJECT / "models")}
    parents = {name: set(REFERRED.findall(text)) for name, text in texts.items()}
    upstream = _closure(ENDS, parents)
    downstream = _closure(
        {BEGINS},
        {
            name: {child for child, read in parents.items() if name in read}
            for name in texts.keys() - DECIDED
        },
    )
    return {name: texts[name] for name in upstream & downstream - DECIDED}


def _closure(found: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    waiting = set(found)
    while waiting:
        waiting = {other for name in waiting for other in edges.get(name, ())} - found
        found = found | waiting
    return found


def test_order_says_where_null_goes() -> None:
    """DuckDB puts NULL last, Spark first where it ascends: ids that hang on it would differ."""
    silent = [
        f"{file.name}: order by {key}"
        for file in SQL
        for keys in _orders(_code(file))
        for key in _split(keys)
        if not PLACED.search(key)
    ]
    assert silent == []


def test_ties_of_a_split_are_one_column_each() -> None:
    """`split_exactly` says of each of its keys where NULL goes: it must know them apart."""
    together = re.compile(r"split_exactly\(([^()]|\([^()]*\))*'\w+, [\w, ]+',\s*'\w+'\s*\)")
    assert [file.name for file in SQL if together.search(_code(file))] == []


def test_nothing_asks_the_database_while_it_compiles() -> None:
    """What models are written for arrives in variables: a subset compiles on an empty warehouse."""
    # which build, and look at what they built
    build = ["by_month.sql", "day_files.sql", "materializations.sql", "stage.sql"]
    assert sorted(file.name for file in SQL if ASKS.search(_code(file))) == build


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("{% set rows = run_query('select 1') %}", True),
        ("{% call statement('rows', fetch_result=True) %}select 1{% endcall %}", True),
        (
            "{% set built = adapter.get_relation(this.database, 'x', 'y') if execute %}",
            True,
        ),
        ("{% set columns = adapter.get_columns_in_relation(ref('x')) %}", True),
        ("{% set built = load_relation(this) %}", True),
        ("{%- if not execute %}{% do ref('x') %}{% endif %}", True),
        ("{%- do source('landing', 'x') %}", True),
        ("{% for node in graph.nodes.values() %}", True),
        ("{{ adapter.dispatch('all_but')(columns) }}", False),
        ("delete from {{ this }} where x in (select x from {{ ref('y') }})", False),
    ],
)
def test_the_scan_sees_what_asks(text: str, asks: bool) -> None:
    assert bool(ASKS.search(text)) is asks


def test_the_scan_sees_an_order_that_says_nothing() -> None:
    text = "row_number() over (partition by a order by b desc, coalesce(c, 0) nulls last) as n"
    [keys] = _orders(text)
    assert [key for key in _split(keys) if not PLACED.search(key)] == ["b desc"]


def _orders(text: str) -> Iterator[str]:
    """The keys of every `order by`, as they are written."""
    for found in re.finditer(r"\border by\b", text):
        yield text[found.end() : _end(text, found.end())]


def _end(text: str, place: int) -> int:
    depth = 0
    while place < len(text):
        if text.startswith("{{", place):
            place = text.index("}}", place) + 2
            continue
        depth += (text[place] in "([") - (text[place] in ")]")
        if depth < 0 or (depth == 0 and END.match(text, place)):
            return place
        place += 1
    return place


def _split(keys: str) -> list[str]:
    """At commas that stand in no bracket; of a loop's text what it repeats."""
    keys = re.sub(r"\{%.*?%\}|\{\{ \",\".*?\}\}", "", keys, flags=re.DOTALL)
    parts, depth, text = [], 0, ""
    for letter in keys:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text)
            text = ""
        else:
            text += letter
    return [" ".join(part.split()) for part in [*parts, text]]
