"""What a changed comment is and what a changed text is, in SQL with Jinja in it."""

from pathlib import Path

import pytest

from orchestration.dbt.invocation import PROJECT
from orchestration.dbt.plain_sql import plain_sql

SAME = {
    "comment of a line": ("select 1 -- one\nfrom a", "select 1\nfrom a"),
    "comment at the end": ("select 1 -- one", "select 1"),
    "comment of a block": ("select /* one, 'two */ 1", "select 1"),
    "comment with a quote": ("select 1 -- it's\nfrom a -- isn't", "select 1 from a"),
    "comment of Jinja": ("select {# it's '-- #}1", "select 1"),
    "comment of Jinja that takes its line": ("{% set a %}\n{#- one -#}\nb", "{% set a %}\nb"),
    "comment of Jinja in one of SQL": ("select 1 -- {# one\ntwo #} three\nfrom", "select 1 from"),
    "comment before a tag": ("{{ a }}\n-- one\n{%- set b %}\nwith", "{{ a }}\n{% set b %}with"),
    "white space": ("select\n    1,\n\t2\n", "select 1, 2"),
    "white space within a tag": ("{{ a( 1 ,2) }}", "{{ a(1, 2) }}"),
    "white space beside a tag": ("{%- if a %}\n  b\n{%- endif %}", "{% if a %}b{% endif %}"),
    "comment in a macro": (
        "{% macro a(b) %}\n-- why\n{{ b }} -- {# how #}\n{% endmacro %}",
        "{% macro a(b) %}{{ b }}{% endmacro %}",
    ),
}
OTHER = {
    "comment in a literal": ("select 'a -- b'", "select 'a -- c'"),
    "block in a literal": ("select 'a /* b */'", "select 'a /* c */'"),
    "comment in a name": ('select "a -- b"', 'select "a -- c"'),
    "literal after a doubled quote": ("select 'it''s -- b'", "select 'it''s -- c'"),
    "literal after a comment with a quote": ("-- it's\nselect 'a'", "-- it's\nselect 'b'"),
    "literal around Jinja": ("select '{{ a }} -- b'", "select '{{ a }} -- c'"),
    "literal of Jinja": ("{% set a = '-- b' %}", "{% set a = '-- c' %}"),
    "comment of Jinja in a literal of Jinja": ("{{ a('{# b #}') }}", "{{ a('{# c #}') }}"),
    "Jinja in a comment": ("-- {{ ref('a') }}\nselect 1", "-- {{ ref('b') }}\nselect 1"),
    "what a comment ends": ("select 1 -- one\n + 2", "select 1 -- one + 2"),
    "white space in a literal": ("select 'a  b'", "select 'a b'"),
    "white space before a value": ("select a{{ b }}", "select a {{ b }}"),
    "words that a comment parts": ("select a/**/b", "select ab"),
}


@pytest.mark.parametrize("what", SAME)
def test_comments_and_white_space_do_not_count(what: str) -> None:
    text, same = SAME[what]
    assert plain_sql(text) == plain_sql(same)


@pytest.mark.parametrize("what", OTHER)
def test_everything_else_counts(what: str) -> None:
    text, other = OTHER[what]
    assert plain_sql(text) != plain_sql(other)


def test_a_quote_without_an_end_leaves_the_text_as_it_is() -> None:
    text = "{% if a %}select 'b{% else %}select 'c{% endif %}' -- d"
    assert plain_sql(text) == text


@pytest.mark.parametrize("file", sorted(PROJECT.rglob("*.sql")), ids=lambda file: file.stem)
def test_what_is_plain_stays(file: Path) -> None:
    plain = plain_sql(file.read_text(encoding="utf-8"))
    assert plain_sql(plain) == plain
