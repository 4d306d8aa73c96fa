"""Secrets in addresses of tollbook.yaml are refused with their line, and never repeated."""

from pathlib import Path

import pytest

from ingestion.workspace.settings import WorkspaceError, load_workspace

SECRET = "hunter2hunter2"
ADDRESSES = {
    "user": "https://admin@api.example.com/v1",
    "password": f"https://admin:{SECRET}@api.example.com/v1",
    "password alone": f"https://:{SECRET}@api.example.com",
    "query": f"https://api.example.com/v1?api_key={SECRET}",
    "query after a host": f"https://api.example.com?{SECRET}",
    "fragment": f"https://api.example.com/v1#{SECRET}",
    "parameter": f"https://api.example.com/v1;token={SECRET}",
    "key in the path": "https://api.example.com/sk-hunter2hunter2hunter2/v1",
    "access key": "https://api.example.com/AKIAHUNTER2HUNTER2HU",
    "token": "https://api.example.com/eyJhbGciOiJIUzI1NiJ9.hunter2hunter2.x",
    "encoded colon": f"https://admin%3A{SECRET}%40api.example.com",
    "backslash": f"https://api.example.com\\\\@{SECRET}",
    "one slash": f"https:/admin:{SECRET}@api.example.com",
    "another scheme": f"ftp://admin:{SECRET}@api.example.com",
    "no scheme": f"admin:{SECRET}@api.example.com/v1",
    "upper case": f"HTTPS://admin:{SECRET}@api.example.com",
    "control": f"https://api.example.com/\\e[31m{SECRET}",
    "port": f"https://api.example.com:{SECRET}/v1",
}


def told(folder: Path, text: str) -> str:
    (folder / "tollbook.yaml").write_text(text)
    with pytest.raises(WorkspaceError) as raised:
        load_workspace(folder)
    return str(raised.value)


@pytest.mark.parametrize("case", ADDRESSES)
def test_a_base_url_is_an_address_alone(tmp_path: Path, case: str) -> None:
    api = f'{{base_url: "{ADDRESSES[case]}", key: env:OPENAI_ADMIN_KEY}}'
    said = told(
        tmp_path,
        f"company: A\nbills:\n  - {{name: o, format: openai, account: a,\n     api: {api}}}\n",
    )
    assert "tollbook.yaml:4: `base_url` " in said
    assert "hunter2" not in said.lower() and "admin" not in said


PLACES = ("landing", "ledger", "exports", "reference", "warehouse", "marts")
LOCATIONS = {
    "user": f"s3://admin:{SECRET}@bucket/prefix",
    "keys": f"s3://AKIAHUNTER2HUNTER2HU:{SECRET}@bucket/prefix",
    "query": f"s3://bucket/prefix?secret_access_key={SECRET}",
    "fragment": f"s3://bucket/prefix#{SECRET}",
    "key in the prefix": "s3://bucket/sk-hunter2hunter2hunter2/x",
    "https": f"https://admin:{SECRET}@bucket.s3.amazonaws.com/prefix",
    "signed": f"https://bucket.s3.amazonaws.com/x?X-Amz-Signature={SECRET}",
    "copied": f"scp://admin:{SECRET}@host/folder",
    "remote": f"admin:{SECRET}@host/folder",
    "broken": f"s3://[{SECRET}/x",
}


@pytest.mark.parametrize("case", LOCATIONS)
def test_a_location_is_an_address_alone(tmp_path: Path, case: str) -> None:
    location = LOCATIONS[case]
    lines = [f'{place}: "{location}"' for place in PLACES]
    said = told(
        tmp_path,
        "company: A\n" + "\n".join(lines) + "\ngateways:\n"
        f'  - {{name: g, format: litellm, location: "{location}"}}\nbills:\n'
        f'  - {{name: o, format: openai, account: a, location: "{location}"}}\n',
    )
    for line in (2, 3, 4, 5, 6, 7, 9, 11):
        assert f"tollbook.yaml:{line}: " in said
    assert "hunter2" not in said.lower() and "admin" not in said


@pytest.mark.parametrize(
    "location", ["s3://lake/a b/ä/2026@x", "logs/team=chat/day=1", "../a:b/c", "logs/keys"]
)
def test_addresses_and_paths_without_secrets_are_taken(tmp_path: Path, location: str) -> None:
    (tmp_path / "tollbook.yaml").write_text(
        f'company: A\ngateways:\n  - {{name: g, format: litellm, location: "{location}"}}\n'
    )
    assert load_workspace(tmp_path).gateways[0].location


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "https://[::1]:8443/v1", "https://proxy.example.com/openai/v1"]
)
def test_limits_of_a_pull_are_whole_numbers(tmp_path: Path, url: str) -> None:
    entry = (
        "company: A\nbills:\n  - name: o\n    format: openai\n    account: a\n    api:\n"
        f'      base_url: "{url}"\n      key: env:KEY\n      max_pages: '
    )
    (tmp_path / "tollbook.yaml").write_text(entry + "12\n")
    [bill] = load_workspace(tmp_path).bills
    assert bill.api is not None
    assert (bill.api.options["max_pages"], bill.api.options["max_page_mb"]) == (12, 64)
    for value in ("0", "-1", "1.5", "many", ".nan"):
        said = told(tmp_path, f"{entry}{value}\n")
        assert f"tollbook.yaml:9: `max_pages: {value}` is not a number of pages" in said
