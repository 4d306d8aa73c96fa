"""`make focus-check`: a report of the validator, held against the failures that are known."""

from benchmarks.focus_check.__main__ import failures, known_failures, problems

REPORT = """\
<?xml version='1.0' encoding='utf-8'?>
<testsuites name="FOCUS Validations" tests="3" failures="1" skipped="1">
  <testsuite name="a"><testcase name="A :: Type"><skipped message="m"/></testcase></testsuite>
  <testsuite name="b"><testcase name="B-C-001-M :: Type"/></testsuite>
  <testsuite name="c"><testcase name="C-C-001-M :: Type">
    <failure name="C-C-001-M" message="Type check" type="AssertionError">Failed</failure>
  </testcase></testsuite>
</testsuites>
"""


def test_a_report_has_rules_that_were_asked_and_that_fail() -> None:
    assert failures(REPORT) == (2, ["C-C-001-M"])


def test_what_fails_and_is_not_known_is_a_problem_and_so_is_what_passes_again() -> None:
    found = {"a.csv": failures(REPORT), "a.parquet": (2, [])}
    assert list(problems(found, {"C-C-001-M": "why"})) == []
    assert list(problems(found, {})) == ["a.csv: C-C-001-M fails and is not in known_failures.csv"]
    assert list(problems({"a.csv": (2, [])}, {"C-C-001-M": "why"})) == [
        "C-C-001-M passes: take it out of known_failures.csv"
    ]
    assert list(problems({"a.csv": (0, [])}, {})) == ["a.csv: no rule was asked"]


def test_every_known_failure_says_why() -> None:
    assert known_failures()
    assert all(len(reason) > 40 for reason in known_failures().values())
