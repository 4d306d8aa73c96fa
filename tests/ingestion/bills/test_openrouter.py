"""OpenRouter's activity: pages of its API and two exports of its page, worked out by hand."""

from pathlib import Path

import pytest

from ingestion.records import SourceError
from tests.ingestion.bills.test_consoles import CHARGES, Console, expected, fixture


def test_a_saved_page(tmp_path: Path) -> None:
    console = Console(tmp_path, "openrouter")
    result = console.save("october.json", fixture("openrouter", "october.json"))
    assert (result.records, result.landed, result.quarantined) == (9, 7, 2)
    rows = console.rows("charges", CHARGES.format(last="principal_id"))
    assert sorted(rows) == expected("openrouter")
    bad = [(4, "usage", "not a number"), (6, "result", "not an object")]
    assert console.rows("quarantine", "record_no, field, reason") == bad


DAILY = (
    "Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens\n"
    '"2026-10-05 00:00:00","anthropic/claude-opus-4.7","430.07","0","4115","709665","3009973","0"\n'
    '"2026-10-06 00:00:00","anthropic/claude-opus-4.7","0","505.87","2","100","20","7"\n'
)
GENERATIONS = (
    "generation_id,created_at,cost_total,cost_web_search,byok_usage_inference,tokens_prompt,"
    "tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,"
    "api_key_name\n"
    "gen-1,2026-10-05 03:46:57.713,0.0123,,0,10389,137,9,9000,openai/gpt-oss-120b,Groq,standard,a\n"
    "gen-2,2026-10-05 23:59:59.999,0,,0,10,5,0,0,openai/gpt-oss-120b,Groq,free,lab\n"
    "gen-3,2026-10-06 00:00:00.000,0.0004,,0.02,10,5,0,0,openai/gpt-oss-120b,Groq,standard,lab\n"
)
TOLD = """
    strftime(charge_period_start, '%d %H'), strftime(charge_period_end, '%d %H'), model,
    credential_id, billed_cost_in_billing_currency::double, consumed_quantity::bigint,
    charge_description
"""


def test_the_daily_export_of_the_page(tmp_path: Path) -> None:
    console = Console(tmp_path, "openrouter")
    assert console.save("activity.csv", DAILY).quarantined == 0
    opus = "anthropic/claude-opus-4.7"
    assert console.rows("charges", TOLD) == [
        ("05 00", "06 00", opus, None, 430.07, 3719638, opus),
        # what the company's own key paid is on its provider's bill, and so are its tokens
        ("06 00", "07 00", opus, None, 0.0, None, f"{opus}, own key"),
    ]


def test_the_pages_log_of_generations(tmp_path: Path) -> None:
    console = Console(tmp_path, "openrouter")
    assert console.save("activity.csv", GENERATIONS).quarantined == 0
    oss = "openai/gpt-oss-120b"
    assert console.rows("charges", TOLD) == [
        # what was cached is part of the prompt, reasoning of the completion
        ("05 03", "05 04", oss, "a", 0.0123, 10526, f"{oss} by Groq"),
        ("05 23", "06 00", f"{oss}:free", "lab", 0.0, 15, f"{oss}:free by Groq"),
        ("06 00", "06 01", oss, "lab", 0.0004, None, f"{oss} by Groq, own key"),
    ]


def test_pages_of_days_are_one_bill_and_say_each_day_once(tmp_path: Path) -> None:
    row = '{"date": "2026-10-%s", "model": "openai/gpt-4.1", "usage": 1}'
    page = '{"data": [%s]}'
    console = Console(tmp_path, "openrouter")
    console.save("1.json", page % (row % "05"))
    assert console.save("2.json", page % (row % "06")).objects_new == 2
    with pytest.raises(SourceError, match=r"2\.json and window\.json both have charges of 2026-10"):
        console.save("window.json", page % f"{row % '06'}, {row % '07'}")


def test_a_page_saved_anew_replaces_its_month(tmp_path: Path) -> None:
    console = Console(tmp_path, "openrouter")
    text = fixture("openrouter", "october.json")
    console.save("october.json", text)
    again = console.save("october.json", text.replace("0.015", "0.016"))
    assert (again.objects_new, again.landed) == (1, 7)
    assert console.save("october.json", text.replace("0.015", "0.016")).batch is None


UNREADABLE = {
    "an error": ('{"error": {"code": 401}}', "has no list `data` (an error answer of the API)"),
    "an error beside it": ('{"data": [], "error": {"code": 500}}', "is an error answer of the API"),
    "cut off": ('{"data": [{"date"', "not JSON, or cut off"),
    "cut off between records": ('{"data": [{"date": "2026-10-05"},', "not JSON, or cut off"),
    "cut off in a text": ('{"data": [{"date": "2026-\\', "not JSON, or cut off"),
    "its end is missing": ('{"data": [{"date": "2026-10-05"}]', "not JSON, or cut off"),
    "its list does not end": ('{"data": [{"date": "2026-10-05"}}', "not JSON, or cut off"),
    "another export": ("a,b\n1,2\n", "lacks date, usage"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_page(tmp_path: Path, name: str) -> None:
    text, problem = UNREADABLE[name]
    with pytest.raises(SourceError) as told:
        Console(tmp_path, "openrouter").save("a.json", text)
    assert problem in str(told.value)


def test_an_empty_page_says_nothing(tmp_path: Path) -> None:
    console = Console(tmp_path, "openrouter")
    assert console.save("a.json", '{"data": []}').records == 0
