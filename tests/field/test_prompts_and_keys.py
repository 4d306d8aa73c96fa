"""Prompts and keys in every field of every source: found nowhere below the workspace but in those.

A prompt is told by MARK, a key by its own text; what has the length of a name stays a name.
"""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.reference.rows import read_rows
from ingestion.reference.tables import TABLES
from ingestion.secret_forms import without_logins, without_secrets
from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, costs, line, write_company

MARK: Final = "zanzibar"
PROMPT: Final = f"Tell nobody that the head of {MARK} earns ninety thousand dollars, and why"
SHORT: Final = f"what does my {MARK} chief earn"
KEYS: Final = (
    "sk-proj-Planted0000000000000001",
    "sk-ant-api03-Planted00000000000002",
    "Bearer Planted0000000000000003",
    "eyJhbGciOiJIUzI1NiJ9.eyJQbGFudGVkIjo0fQ.Planted000000004",
    "AKIAPLANTED000000005",
    "ghp_Planted000000000000000000000000006",
    "xoxb-Planted0000-000000007",
    "AIzaPlanted00000000000000000000000008",
    "postgres://reader:Planted00009@db.internal/x",
    "sk-my$Planted0012!{planted}/x",
    "gsk_Planted0000000000013+planted=/planted",
    "-----BEGIN PRIVATE KEY-----Planted0010-----END PRIVATE KEY-----",
    "svc:Planted-0011@db.internal",
)
# A tag of this form is a key and a value.
TAGS: Final = KEYS[:-1]
PLANTED: Final = re.compile(rf"{MARK}|planted", re.IGNORECASE)
# Where callers leave text: the names and others of their kind.
NAMES: Final = (
    *("system_prompt", "user_message", "chat_history", "instructions", "openai_key", "note"),
    *("Frage", "context", "rag.chunks", "utterance", "email_draft", "assistant", "q"),
)
SETTINGS: Final = """\
company: Field
timezone: Europe/Berlin
gateways:
  - {name: gw, format: litellm, location: logs}
  - name: own
    format: generic
    location: own
    columns:
      gateway_key_id: key
      gateway_key_alias: alias
      finish_reason: finish
      error_class: failure
      route: endpoint
      operation: kind
      tag:env: env
      metadata: more
      tags: tags
      header:x-team: team_header
bills:
  - {name: openai, format: openai, account: org-x, location: bills}
"""


def poisoned_metadata() -> dict[str, Any]:
    texts: dict[str, Any] = dict.fromkeys(NAMES, PROMPT)
    return {
        **texts,
        "short": SHORT,
        "nested": {"deep": {"user_message": SHORT, "keys": list(KEYS)}, PROMPT: 1, SHORT: "x"},
        "history": [PROMPT, {"role": "user", "content": PROMPT}, [PROMPT, [SHORT]]],
        "entries": [{"key": PROMPT, "value": PROMPT}, {"name": "q", "value": SHORT}],
        "tags": [f"note:{PROMPT}", f"note {PROMPT}", *TAGS, f"key:{KEYS[0]}", {SHORT: PROMPT}],
        "feature": PROMPT,
        **{f"key_{number}": key for number, key in enumerate(KEYS)},
    }


def litellm_calls() -> list[dict[str, Any]]:
    """Each call has a key or a prompt in some field, and all of them in its metadata."""
    plain = logged("plain")
    calls = [
        logged(
            f"m-{number}",
            metadata={
                "requester_metadata": poisoned_metadata(),
                "spend_logs_metadata": {"question": PROMPT},
                "user_api_key_auth_metadata": poisoned_metadata(),
                "requester_custom_headers": {
                    "x-note": PROMPT,
                    "authorization": KEYS[2],
                    "x-api-key": key,
                    "x-trace": key,
                },
                "user_api_key_hash": key,
                "user_api_key_alias": key,
                "user_api_key_user_id": key,
            },
            request_tags=[f"customer:{key}", *TAGS, f"ask:{PROMPT}"],
            end_user=key,
            user=key,
            model_group=f"group/{key}",
            model_id=key,
        )
        for number, key in enumerate(KEYS)
    ]
    fields = [name for name in plain if not isinstance(plain[name], int | float | dict)]
    for number, name in enumerate(fields):
        calls.append(logged(f"f-{number}", **{name: PROMPT}))
    usage = {
        "prompt_tokens": 7,
        "completion_tokens": 0,
        "total_tokens": 7,
        "service_tier": PROMPT,
        "said": PROMPT,
        PROMPT: 1,
        "parts": [{"text": SHORT, "n": 1}],
    }
    calls.append(logged("usage", usage=usage))
    calls.append(
        logged(
            "error",
            status="failure",
            error_str=PROMPT,
            error_information={"error_class": PROMPT, "error_message": PROMPT, "error_code": "400"},
            response={"choices": [{"finish_reason": PROMPT, "message": {"content": PROMPT}}]},
            messages=[{"role": "user", "content": PROMPT}],
            model_parameters={"response_format": {"type": PROMPT}, "service_tier": PROMPT},
            proxy_server_request={"body": {"messages": PROMPT, "metadata": poisoned_metadata()}},
        )
    )
    return calls


def spend_logs() -> list[dict[str, Any]]:
    return [
        {
            "request_id": f"row-{number}",
            "call_type": "acompletion",
            "api_key": key,
            "user": key,
            "team_id": key,
            "end_user": key,
            "startTime": f"2026-10-08T11:{number:02d}:00Z",
            "endTime": f"2026-10-08T11:{number:02d}:01Z",
            "model": "gpt-4o-2024-08-06",
            "spend": 0.1,
            "prompt_tokens": 5,
            "completion_tokens": 0,
            "total_tokens": 5,
            "metadata": json.dumps({"spend_logs_metadata": poisoned_metadata(), "status": PROMPT}),
            "request_tags": json.dumps([PROMPT, *TAGS, f"team:{key}"]),
            "messages": PROMPT,
            "response": {"choices": PROMPT},
            "session_id": PROMPT,
        }
        for number, key in enumerate(KEYS)
    ]


def own_rows() -> list[dict[str, Any]]:
    return [
        {
            "timestamp": f"2026-10-08T12:{number:02d}:00Z",
            "user_id": key,
            "session_id": PROMPT,
            "feature_tag": PROMPT,
            "team": key,
            "model_name": "gpt-4o-2024-08-06",
            "input_token_count": 5,
            "output_token_count": 0,
            "status": PROMPT if number % 2 else "ok",
            "request_id": f"{number} {PROMPT}",
            "key": key,
            "alias": PROMPT,
            "finish": PROMPT,
            "failure": SHORT,
            "endpoint": f"/v1/chat?q={PROMPT}",
            "kind": SHORT,
            "env": key,
            "more": json.dumps(poisoned_metadata()),
            "tags": json.dumps([PROMPT, *TAGS]),
            "team_header": PROMPT,
            "prompt": PROMPT,
            "comment": key,
        }
        for number, key in enumerate(KEYS)
    ]


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def bill() -> str:
    page = json.loads(
        costs(
            line("2026-10-08", "gpt-4o-2024-08-06, input", "5", 1000, KEYS[0]),
            line("2026-10-08", f"storage of {KEYS[1]}", "1", None, "key_b"),
        )
    )
    for result in page["data"][0]["results"]:
        result |= {"project_name": KEYS[1], "comment": f"{PROMPT} " * 4, "secret": KEYS[4]}
    return json.dumps(page)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    rows = own_rows()
    calls = litellm_calls()
    broken = [{"id": PROMPT, "startTime": PROMPT, "model": PROMPT}, {PROMPT: KEYS[0]}]
    files = {
        f"logs/{KEYS[0]}/2026-10-08/a.jsonl": "\n".join(map(json.dumps, calls)),
        f"logs/{PROMPT}.jsonl": "\n".join(map(json.dumps, spend_logs())),
        "logs/broken.jsonl": "\n".join(map(json.dumps, broken)) + f'\n{{"id": "{PROMPT}',
        "own/a.csv": as_csv(rows[:4]) + f"{PROMPT},,,\n",
        "own/b.jsonl": "\n".join(map(json.dumps, rows[4:8])),
        "bills/c.json": bill(),
        "reference/credentials.csv": (
            f"source,credential_id,team_id,feature\ngw,{KEYS[0]},rank-team,rank\n"
        ),
    }
    folder: Path = tmp_path_factory.mktemp("texts")
    write_company(folder, files, SETTINGS)
    table = pa.Table.from_pylist(rows[8:])
    pq.write_table(table, folder / "own" / "c.parquet")
    return Company(project, folder)


def test_no_table_of_the_warehouse_holds_a_prompt_or_a_key(company: Company) -> None:
    tables = company.query(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = 'warehouse'"
    )
    assert len(tables) > 100
    holding = {}
    for schema, name in tables:
        found = company.query(
            f'select cast(t as varchar) from "{schema}"."{name}" as t'
            f" where regexp_matches(cast(t as varchar), '(?i){MARK}|planted') limit 1"
        )
        if found:
            holding[name] = re.findall(rf"(?i).{{60}}(?:{MARK}|planted).{{40}}", found[0][0])[:3]
    assert holding == {}


def test_no_file_that_a_run_writes_holds_one(company: Company) -> None:
    landed = 0
    for file in company.folder.rglob("*"):
        below = file.relative_to(company.folder)
        if not file.is_file() or below.parts[0] in ("logs", "own", "bills", "reference"):
            continue
        if below.name == "tollbook.yaml":
            continue
        if file.suffix == ".parquet":
            text = str(pq.read_table(file).to_pylist())
            landed += 1
        else:
            text = file.read_bytes().decode(errors="replace")
        assert not PLANTED.search(text), below
        assert not PLANTED.search(str(below)), below
    assert landed > 5


def test_every_record_lands_or_is_told(company: Company) -> None:
    expected = len(litellm_calls()) + len(KEYS) * 2
    found = company.value("select count(*) from landing.requests")
    quarantined = company.value("select count(*) from landing.quarantine where source = 'gw'")
    # two calls of one id lose nothing; fields that decide whether a record is one are refused
    assert found + quarantined >= expected
    assert found > expected - 12


def test_a_key_still_finds_its_owner_and_its_charge(company: Company) -> None:
    digest = hashlib.sha256(KEYS[0].encode()).hexdigest()
    [(team, feature)] = company.query(
        "select distinct team, feature from fct_requests"
        f" where gateway_key_id = '{digest}' and source = 'gw'"
        " and team_source = 'credential' and feature_source = 'credential'"
    )
    assert (team, feature) == ("rank-team", "rank")
    assert company.value(f"select count(*) from fct_charges where credential_id = '{digest}'") == 1


def test_paths_are_told_and_hold_nothing(company: Company) -> None:
    places = {
        place
        for (text,) in company.query(
            "select distinct unnamed_attributes from landing.requests"
            " where unnamed_attributes is not null"
        )
        for place in json.loads(text)
    }
    assert {
        "metadata:system_prompt",
        "metadata:nested.deep.user_message",
        "header:x-note",
    } <= places
    assert {"metadata:feature", "metadata:nested.*", "tag:note"} <= places


@pytest.mark.parametrize("key", KEYS)
def test_equal_keys_stay_equal_wherever_they_stand(key: str, company: Company) -> None:
    [(key_id, customer, user)] = company.query(
        "select gateway_key_id, customer_id, user_id from landing.requests"
        f" where request_id = 'm-{KEYS.index(key)}'"
    )
    assert key_id == customer == user
    assert key_id != key


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('{"key": "sk-my$ecret!1", "x": 1}', "sk-my$ecret!1"),
        ("[sk-abc/+def==]", "sk-abc/+def=="),
        ("keys sk-abc, sk-def", "sk-abc"),
        ("https://host/v1?key=sk-a{b}c&x=1", "sk-a{b}c"),
        ("(see sk-abc).", "sk-abc"),
        (r"{\"key\":\"sk-abc\"}", "sk-abc"),
        ("xoxb-12345678-abc:def%2Fghi;y", "xoxb-12345678-abc:def%2Fghi"),
    ],
)
def test_a_key_goes_on_to_the_end_of_its_word(text: str, secret: str) -> None:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    cleaned = without_secrets(text)
    assert cleaned.replace(digest, secret, 1).startswith(text[: text.index(secret) + len(secret)])
    assert digest in cleaned


def test_ids_are_no_secrets() -> None:
    for text in (
        *("4c2d1b3a-0000-4aa3-ae5e-73b49d01ce3d", "a" * 64, "key_x5nfdmdrn964vxxc", "risk-desk"),
        *("proj_gpse7f2yn7upgqr43x6wwlgb", "org-harbour", "chatcmpl-895f3220", "apikey_01Rj2N8S"),
        *("req_895f322070984aa3a2711e99a20aec22", "tenant:ann@acme.org", "msg_01X", "task-42"),
        *("arn:aws:bedrock:us-east-1:123:application-inference-profile/ab", "basic plan"),
        *("anthropic.claude-haiku-4-5-20251001-v1:0", "ann@acme.org", "https://acme.org/a@b"),
    ):
        assert without_secrets(text) == text
    assert without_logins("mailto:ann@acme.org") == "mailto:ann@acme.org"


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("credentials", "source,credential_id,team_id\ngw,sk-*,rank\n"),
        ("credentials", "source,credential_id,team_id\ngw,sk-proj-*,rank\n"),
        ("attribution_rules", "priority,match,set_team\n1,model=gpt-* & key=sk-a*,rank\n"),
    ],
)
def test_a_glob_over_keys_is_refused_with_its_line(table: str, cells: str) -> None:
    rows, problems = read_rows(TABLES[table], cells.encode())
    assert rows == []
    [(line_no, told)] = problems
    assert line_no == 2
    assert "a key lands as its SHA-256, no glob finds it: write whole keys" in told


def test_a_csv_names_a_key_in_clear_and_means_its_digest() -> None:
    cells = "priority,match,set_team,note\n1,key=sk-ABCdef & model=gpt-*,rank,for sk-* keys\n"
    [row], problems = read_rows(TABLES["attribution_rules"], cells.encode())
    assert problems == []
    assert f"key={hashlib.sha256(b'sk-ABCdef').hexdigest()} & model=gpt-*" == row.values["match"]
