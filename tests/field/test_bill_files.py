"""Files that people really have in a bill's folder, and pages that came ungrouped: told."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.anthropic import reader as anthropic
from ingestion.bills.openai import reader as openai
from ingestion.records import SourceError
from orchestration.checks.bill_reports import ungrouped
from orchestration.onboarding.names_seen import names_seen
from tests.field.test_anthropic_reports import legacy, legacy_cost, legacy_page, legacy_usage
from tests.ingestion.bills.analytics_pages import analytics_page, cost_row
from tests.ingestion.bills.bill_pages import bill
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

TSV = (
    "start_time\tend_time\tstart_time_iso\tend_time_iso\tamount_value\tamount_currency\tline_item\n"
    "1759622400\t1759708800\t2025-10-05T00:00:00+00:00\t2025-10-06T00:00:00+00:00\t0.89\tusd\t\n"
)


def workbook(name: str = "xl/workbook.xml") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(name, "<x/>")
    return target.getvalue()


FILES: dict[str, tuple[bytes, str]] = {
    "costs as TSV": (TSV.encode(), "a TSV export of OpenAI's dashboard of costs (columns start_"),
    "costs as CSV": (
        TSV.replace("\t", ",").encode(),
        "a CSV export of OpenAI's dashboard of costs (columns start_time, end_time, ",
    ),
    "with a BOM": (b"\xef\xbb\xbf" + TSV.encode(), "a TSV export of OpenAI's dashboard of costs"),
    "packed": (gzip.compress(TSV.encode()), "a TSV export of OpenAI's dashboard of costs"),
    "activity": (
        b'"timestamp","n_requests","n_context_tokens_total"\n1,2,3\n',
        "a CSV export of OpenAI's dashboard of activity (columns timestamp, n_requests, n_con",
    ),
    "console": (
        b"usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd\n",
        "a CSV export of the cost page of Anthropic's console",
    ),
    "console of usage": (
        b"usage_date_utc,model_version,api_key,usage_input_tokens_no_cache\n",
        "a CSV export of the usage page of Anthropic's console",
    ),
    "semicolons": (b"Date;Amount (EUR)\r\n1;2\r\n", "a CSV (with semicolons) export (columns Date"),
    "focus": (b"BilledCost,ChargePeriodStart\n", "a CSV export of a cloud's bill in FOCUS"),
    "login": (b"\n<!DOCTYPE html><html><title>Log in", "an HTML page (a login"),
    "xml": (b'<?xml version="1.0"?><Error><Code>AccessDenied', "an XML file"),
    "xlsx": (workbook(), "an Excel workbook"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "an Excel workbook"),
    "zip": (workbook("costs.json"), "a ZIP archive (unpack it)"),
    "pdf": (
        b"%PDF-1.7\n%\xe2\xe3",
        "a PDF, perhaps an invoice (the amount of an invoice is a line",
    ),
    "picture": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "UTF-16": ('{"data": []}'.encode("utf-16"), "text in UTF-16 (save it as UTF-8)"),
    "UTF-16 without BOM": ('{"data": []}'.encode("utf-16-le"), "text in UTF-16 (save it as UTF-8)"),
    "error": (
        b'{"error": {"message": "Bad key sk-1", "type": "invalid_request_error", "code": null}}',
        "an error answer of the API (invalid_request_error)",
    ),
    "error of Anthropic": (
        b'{"type":"error","error":{"type":"permission_error","message":"x"}}',
        "an error answer of the API (permission_error)",
    ),
    "odd error": (b'{"error": {"type": {"a": "sk-1"}}}', "an error answer of the API, not"),
    "error text": (b'{"error": "sk-1"}', "an error answer of the API, not"),
    "list": (b'[{"data": []}]', "a JSON list (save each page as it was answered)"),
    "curl -i": (b"HTTP/2 200\r\nx: y\r\n\r\n{}", "an answer with its HTTP headers"),
    "tar.gz": (gzip.compress(b"x" * 257 + b"ustar\x0000"), "a tar archive (unpack it)"),
    "parquet": (b"PAR1\x15\x04", "a Parquet file"),
    "binary": (b"\x01\x00\x02\x00" * 40, "text in UTF-16"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("form", "read", "save"),
    [
        ("openai", openai.read_bill, "GET /v1/organization/costs?group_by=line_item&group_by=proj"),
        ("anthropic", anthropic.read_bill, "GET /v1/organizations/analytics/cost?time_bucket_wid"),
    ],
)
def test_a_file_that_is_no_page_is_told_by_what_it_is(
    name: str, form: str, read: Callable[..., Any], save: str
) -> None:
    data, what = FILES[name]
    with pytest.raises(SourceError) as raised:
        read({"in.dir/the file": data}, bill(form))
    told = str(raised.value)
    assert told.startswith(f"bill {form}_bill: in.dir/the file: {what}")
    assert save in told and "`api:`" in told and "move this file away" in told
    assert "not JSON" not in told and "save the page again" not in told and "sk-1" not in told


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "not JSON: empty"), (b"hello", "not JSON at line 1"), (b'{"data', "not JSON: cut off")],
)
def test_what_may_have_been_a_page_is_saved_again(data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=f"p: {what}.*save the page again"):
        openai.read_bill({"p": data}, bill("openai"))


SETTINGS = """\
company: Ungrouped
gateways:
  - {name: app, format: generic, location: logs}
bills:
"""


def openai_page(*results: dict[str, Any], start: int = 1759622400) -> str:
    bucket = {"object": "bucket", "start_time": start, "end_time": start + 86400}
    page = {"object": "page", "data": [{**bucket, "results": list(results)}]}
    return json.dumps({**page, "has_more": False, "next_page": None})


def openai_cost(value: str, **keys: Any) -> dict[str, Any]:
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, **keys}


def openai_usage(**keys: Any) -> dict[str, Any]:
    counts = {"input_tokens": 59200.0, "output_tokens": 10646.0, "num_model_requests": 10.0}
    return {"object": "organization.usage.completions.result", **counts, **keys}


KEYS = {"project_id": "proj_a", "api_key_id": "key_a"}
LINE = {"line_item": "gpt-4o-2024-08-06, input"}
DAY = "2026-10-13"
# bill: (its pages, columns that are asked for)
COARSE: dict[str, tuple[list[str], dict[str, list[str]]]] = {
    "openai-nothing": (
        [openai_page(openai_cost("0.8958740000000000", line_item=None))],
        {"costs": ["line_item", "project_id", "api_key_id"]},
    ),
    "openai-line": (
        [openai_page(openai_cost("1", **LINE))],
        {"costs": ["project_id", "api_key_id"]},
    ),
    "openai-key": (
        [openai_page(openai_cost("1", project_id="p", api_key_id="k"))],
        {"costs": ["line_item"]},
    ),
    "openai-usage": (
        [openai_page(openai_cost("1", **LINE, **KEYS)), openai_page(openai_usage(project_id="p"))],
        {"usage_completions": ["model", "api_key_id"]},
    ),
    "openai-whole": ([openai_page(openai_cost("1", **LINE, **KEYS))], {}),
    # a control total beside what is grouped is no complaint
    "openai-control": (
        [openai_page(openai_cost("1", **LINE, **KEYS)), openai_page(openai_cost("1"))],
        {},
    ),
    "anthropic-nothing": (
        [legacy_page(legacy(DAY, {"amount": "300", "currency": "USD"}))],
        {"cost_report": ["description", "workspace_id"]},
    ),
    "anthropic-workspace": (
        [
            legacy_page(legacy(DAY, legacy_cost("300", workspace_id=None))),
            legacy_page(legacy(DAY, legacy_usage("k", 5))),
        ],
        {"cost_report": ["workspace_id"]},
    ),
    "anthropic-usage": (
        [
            legacy_page(legacy(DAY, legacy_cost("300"))),
            legacy_page(legacy(DAY, {"uncached_input_tokens": 5, "output_tokens": 1})),
        ],
        {"usage_messages": ["model", "api_key_id", "workspace_id"]},
    ),
    # an organisation with one workspace has none to tell
    "anthropic-default": (
        [
            legacy_page(legacy(DAY, legacy_cost("300", workspace_id=None))),
            legacy_page(legacy(DAY, legacy_usage("k", 5, workspace_id=None))),
        ],
        {},
    ),
    "anthropic-model": (
        [analytics_page(cost_row(f"{DAY}T10", "12.5", {"model": "claude-opus-4-8"})).decode()],
        {"analytics_cost": ["api_key_id", "workspace_id", "cost_type", "token_type"]},
    ),
    "anthropic-new": (
        [
            analytics_page(cost_row(f"{DAY}T10", "12.5")).decode(),
            legacy_page(legacy(DAY, {"amount": "12.5", "currency": "USD"})),
        ],
        {},
    ),
}


def workspace(folder: Path) -> Path:
    entries, files = "", {"logs/a.csv": "timestamp,model_name\n"}
    for name, (pages, _) in COARSE.items():
        form = name.partition("-")[0]
        entries += f"  - {{name: {name}, format: {form}, account: {name}, location: b/{name}}}\n"
        files |= {f"b/{name}/{number}.json": text for number, text in enumerate(pages)}
    return write_company(folder, files, SETTINGS + entries)


def test_bills_that_came_ungrouped_say_what_to_ask_for(
    project: CompiledProject, tmp_path: Path
) -> None:
    connection = Company(project, workspace(tmp_path)).connection
    found, seen = ungrouped(connection), names_seen(connection)
    dollars = {(name.source, name.cost) for name in seen if "control" in name.source}
    missing: dict[str, dict[str, list[str]]] = {name: {} for name in COARSE}
    for each in found:
        missing[each.source][each.report] = list(each.missing)
    assert missing == {name: wanted for name, (_, wanted) in COARSE.items()}
    told = {each.source: each.told() for each in found}
    assert told["openai-nothing"] == (
        "bill openai-nothing: costs of 2025-10 (1 days, 0.895874 USD) came without line_item,"
        " project_id, api_key_id, so its requests are found by less: pull or save it again with"
        " group_by=line_item&group_by=project_id&group_by=api_key_id"
    )
    assert "3 USD" in told["anthropic-nothing"]
    assert "group_by[]=description" in told["anthropic-nothing"]
    assert dollars == {("openai-control", Decimal(1))}
