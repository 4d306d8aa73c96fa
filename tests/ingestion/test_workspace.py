import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ingestion.workspace.attribution import DEFAULT_PLACES
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.not_yet import BILLS_NOT_YET, GATEWAYS_NOT_YET
from ingestion.workspace.sections.business_hours import BusinessHours
from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.onboarding.new_workspace import write_workspace

SMALLEST = """\
company: Northwind HR
gateways:
  - {name: litellm_prod, format: litellm, location: logs/litellm}
"""


def load(folder: Path, text: str) -> Workspace:
    (folder / "tollbook.yaml").write_text(text)
    return load_workspace(folder)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(WorkspaceError) as caught:
        load(folder, text)
    prefix = f"{folder / 'tollbook.yaml'}:"
    lines = str(caught.value).split("\n")
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_company_and_one_source_are_enough(tmp_path: Path) -> None:
    workspace = load(tmp_path, SMALLEST)
    assert workspace.currency == "USD"
    assert workspace.locale == "en_US"
    assert workspace.timezone == "UTC"
    assert workspace.since is None
    assert workspace.landing == str(tmp_path / "landing")
    assert workspace.warehouse == tmp_path / "warehouse.duckdb"
    assert workspace.marts == tmp_path / "marts.duckdb"
    assert workspace.chargeback_basis == "billed"
    assert workspace.price_max_age_days == 45
    assert workspace.memory_limit == "50%"
    assert workspace.spark == ""
    assert workspace.quarantine_max_percent == 1
    assert workspace.gateways[0].rejects_kept == 1000
    assert workspace.gateways[0].location == str(tmp_path / "logs" / "litellm")
    assert workspace.attribution == DEFAULT_PLACES
    assert load_workspace(tmp_path / "tollbook.yaml") == workspace


def test_default_places_are_the_contracts_wherever_they_stand(tmp_path: Path) -> None:
    """In Python, in the dbt project, in the comments of a new workspace and in the docs."""
    contract = {
        "feature": "tag:feature, metadata:feature, rule, credential",
        "team": "tag:team, metadata:team, gateway_team, rule, credential",
        "tier": "tag:tier, metadata:tier, metadata:customer_tier, customer:tier, rule",
        "environment": "tag:env, tag:environment, metadata:env, metadata:environment, rule,"
        " credential",
        "plan": "tag:plan, metadata:plan, customer:plan, rule",
    }
    assert {owner: ", ".join(places) for owner, places in DEFAULT_PLACES.items()} == contract
    root = Path(__file__).parents[2]
    project = yaml.safe_load((root / "dbt_project" / "dbt_project.yml").read_text())
    places = {owner: tuple(found) for owner, found in project["vars"]["attribution"].items()}
    assert places == DEFAULT_PLACES
    write_workspace(tmp_path)
    written = (tmp_path / "tollbook.yaml").read_text().replace("\n# ", "\n")
    for text in (written, (root / "docs" / "reference.md").read_text()):
        for owner, line in contract.items():
            assert f"\n  {owner}: [{line}]" in text


def test_every_key_can_be_set(tmp_path: Path) -> None:
    workspace = load(
        tmp_path,
        """\
company: Northwind HR
currency: EUR
locale: de_AT
timezone: Europe/Berlin
since: 2026-09-01
landing: s3://lake/landing/
exports: /srv/exports
reference: s3://lake/reference
chargeback_basis: effective
price_max_age_days: 7
memory_limit: 4GB
spark: sc://spark.example.com:15002
quarantine_max_percent: 0.25
quarantine_max_records: 20
warehouse: build/w.duckdb
bills:
  - {name: openai, format: openai, account: org-n, location: bills/openai, role: control}
  - name: anthropic
    format: anthropic
    account: org-a
    api: {base_url: "https://api.anthropic.com", key: env:ANTHROPIC_ADMIN_KEY}
attribution:
  team: [header:x-team, customer:plan, credential]
  plan: []
""",
    )
    assert workspace.locale == "de_AT"
    assert workspace.price_max_age_days == 7
    assert workspace.memory_limit == "4GB"
    assert workspace.spark == "sc://spark.example.com:15002"
    assert workspace.quarantine_max_percent == Decimal("0.25")
    assert {bill.rejects_kept for bill in workspace.bills} == {20}
    assert workspace.since == date(2026, 9, 1)
    assert workspace.landing == "s3://lake/landing"
    assert workspace.exports == "/srv/exports"
    assert workspace.warehouse == tmp_path / "build" / "w.duckdb"
    openai, anthropic = workspace.bills
    assert (openai.role, openai.api) == ("control", None)
    assert anthropic.location == str(tmp_path / "bills" / "anthropic")
    assert anthropic.api is not None
    assert anthropic.api.key_variable == "ANTHROPIC_ADMIN_KEY"
    assert workspace.attribution["team"] == ("header:x-team", "customer:plan", "credential")
    assert workspace.attribution["plan"] == ()
    assert workspace.attribution["feature"] == DEFAULT_PLACES["feature"]


@pytest.mark.parametrize(
    ("written", "locale"),
    [
        *(("ja_JP", "ja_JP"), ("en-IN", "en_IN"), ("zh_TW", "zh_Hant_TW"), ("ar_EG", "ar_EG")),
        # not a boolean
        *(("no", "no"), ("", "en_US"), ("DE_de", "de_DE")),
    ],
)
def test_a_locale_is_named_as_babel_does(tmp_path: Path, written: str, locale: str) -> None:
    assert load(tmp_path, f"{SMALLEST}locale: {written}\n").locale == locale


@pytest.mark.parametrize(
    "written", ["de_XX", "german", "root", "../de", "de_DE@x", "C", "\u0000de", "x" * 500, "12"]
)
def test_an_unknown_locale_is_one_sentence(tmp_path: Path, written: str) -> None:
    text = f"{SMALLEST}locale: {json.dumps(written)}\n"
    (found,) = problems(tmp_path, text)
    assert found == (f"4: unknown locale `{written}`: use a name like de_DE, en_IN or ja_JP")


@pytest.mark.parametrize(
    ("entry", "names"), [("bills", BILLS_NOT_YET), ("gateways", GATEWAYS_NOT_YET)]
)
def test_a_format_that_is_not_yet_read_says_what_to_use(
    tmp_path: Path, entry: str, names: dict[str, str]
) -> None:
    for name, meanwhile in names.items():
        found = problems(
            tmp_path,
            f"company: a\n{entry}:\n  - {{name: n, format: {name}, account: b, location: c}}\n",
        )
        assert f"3: `format: {name}` is not yet read: {meanwhile}" in "\n".join(found)


def test_all_problems_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
curency: USD
timezone: Mars/Base
since: yesterday
warehouse: s3://lake/w.duckdb
ledger: gs://lake/ledger
gateways:
  - {name: prod, format: litelm, location: logs}
  - {name: my gw, format: litellm}
bills:
  - {name: prod, format: openai, account: org, location: "s3://", role: spare}
  - {name: other, format: openai, account: org}
attribution:
  feature: ["tag:", label:x, customer:age]
  colour: [rule]
price_max_age_days: 0.5
quarantine_max_percent: 101
quarantine_max_records: 0
memory_limit: much
spark: yarn
""",
    )
    assert [line.split(":")[0] for line in found] == sorted(
        (line.split(":")[0] for line in found), key=int
    )
    text = "\n".join(found)
    for expected in (
        "1: unknown key `curency` in tollbook.yaml",
        "1: tollbook.yaml needs `company`",
        "2: unknown timezone `Mars/Base`",
        "3: `since: yesterday` is not a date",
        "4: warehouse: `s3://lake/w.duckdb` must be a local path",
        "5: ledger: `gs://lake/ledger`: only local paths and s3://",
        f"7: `format: litelm` is not one of {next(iter(GATEWAYS))}, ",
        "8: `name: my gw`: use letters",
        "8: a gateway needs `location`",
        "10: location: `s3://` names no bucket",
        "10: `role: spare` is not one of bill, control",
        "11: a bill needs `location` (saved pages) or `api`",
        "13: attribution of `feature`: place `tag:` names no key",
        "13: attribution of `feature`: unknown place `label:x`",
        "13: attribution of `feature`: `customer:age`",
        "14: unknown key `colour` in `attribution`",
        "15: `price_max_age_days: 0.5` is not a number of days",
        "16: `quarantine_max_percent: 101` is not a percentage: write 0 to 100, as in 0.5",
        "17: `quarantine_max_records: 0` is not a number of records: write 1 or more",
        "19: `spark` must be an address like sc://host/path; or `local`",
        "18: `memory_limit: much` is no limit: write a size like 4GB, of at least 256MB, or a part",
        "2 sources are named `prod`",
    ):
        assert expected in text


@pytest.mark.parametrize("secret", ["sk-admin-abc123", "env:", "env:a b"])
def test_a_literal_secret_is_refused_and_not_repeated(tmp_path: Path, secret: str) -> None:
    text = (
        "company: N\nbills:\n  - {name: o, format: openai, account: a,\n"
        f'     api: {{base_url: "https://api.openai.com", key: "{secret}"}}}}\n'
    )
    assert problems(tmp_path, text) == [
        "4: `key` must be `env:NAME`: secrets are read from the environment"
    ]


def test_a_second_bill_of_an_account_must_be_a_control(tmp_path: Path) -> None:
    text = """\
company: N
bills:
  - {name: a, format: openai, account: org, location: a}
  - {name: b, format: openai, account: org, location: b}
  - {name: c, format: anthropic, account: org, location: c}
  - {name: d, format: openai, account: org-2, location: d}
"""
    assert problems(tmp_path, text) == [
        "4: `b` is a second openai bill of account `org` beside `a`: mark one `role: control`"
    ]
    assert len(load(tmp_path, text.replace("location: b", "location: b, role: control")).bills) == 4


@pytest.mark.parametrize(
    ("dimension", "place", "expected"),
    [
        ("tier", "gateway_team", "`gateway_team` names no tier, only team: take it out"),
        ("plan", "credential", "`credential` names no plan, only team, feature, environment: "),
        ("team", "customer:team", "`customer:team`: customers.csv has no column `team`, use tier,"),
        ("team", "gateway_team", None),
        ("environment", "credential", None),
        ("plan", "customer:converted", None),
    ],
)
def test_a_place_must_know_its_dimension(
    tmp_path: Path, dimension: str, place: str, expected: str | None
) -> None:
    text = f"{SMALLEST}attribution:\n  {dimension}: [tag:a, {place}]\n"
    if expected is None:
        assert load(tmp_path, text).attribution[dimension] == ("tag:a", place)
    else:
        (found,) = problems(tmp_path, text)
        assert found.startswith(f"5: attribution of `{dimension}`: {expected}")


def test_unknown_keys_of_a_source_are_refused(tmp_path: Path) -> None:
    text = "company: N\ngateways:\n  - {name: g, format: litellm, location: l, pth: x}\n"
    assert problems(tmp_path, text) == [
        "3: unknown key `pth` in a gateway: known are account, credential, format, limits_api,"
        " location, name, provider, region, same_call_seconds, seen_from, sub_account"
    ]


GATEWAY = "company: N\ngateways:\n  - {{name: g, format: litellm, location: l, {said}}}\n"


@pytest.mark.parametrize(
    ("said", "credentials", "credential"),
    [
        ("provider: openai", None, None),
        ("credential: key_web", ("key_web",), "key_web"),
        ("credential: [key_web]", ("key_web",), "key_web"),
        ("credential: [key_web, key_web]", ("key_web",), "key_web"),
        ("credential: key_*", ("key_*",), None),
        ("credential: [key_a, key_b]", ("key_a", "key_b"), None),
        ("credential: none", (), None),
        ("credential: [None]", (), None),
    ],
)
def test_an_entry_says_which_keys_its_gateway_uses(
    tmp_path: Path, said: str, credentials: tuple[str, ...] | None, credential: str | None
) -> None:
    [gateway] = load(tmp_path, GATEWAY.format(said=said)).gateways
    assert (gateway.facts.credentials, gateway.facts.credential) == (credentials, credential)


def test_an_entry_says_what_its_log_leaves_out(tmp_path: Path) -> None:
    said = "provider: openai, account: org, sub_account: proj, region: eu"
    [gateway] = load(tmp_path, GATEWAY.format(said=said)).gateways
    facts = gateway.facts
    assert (facts.provider, facts.account, facts.sub_account) == ("openai", "org", "proj")
    assert (facts.region, facts.credentials, dict(gateway.options)) == ("eu", None, {})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("credental: key", "unknown key `credental` in a gateway: known are account, credential,"),
        ("credential: ", "`credential` must be text"),
        ("credential: []", "`credential`: is empty: name the keys that the gateway uses"),
        ("credential: [none, key_web]", "`credential`: `none` stands alone"),
        ("credential: sk-proj-1", "`credential`: write the id that the bill shows, never the key"),
        ('credential: "a;b"', "`credential`: write each key as an item of a list"),
        ("credential: {key: a}", "`credential` must be text"),
        ("account: [org]", "`account` must be text"),
        ('sub_account: ""', "`sub_account` is empty: name it, or leave the line out"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, said: str, expected: str
) -> None:
    found = problems(tmp_path, GATEWAY.format(said=said))
    assert [line.startswith(f"3: {expected}") for line in found] == [True]
    assert "sk-proj" not in found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("company: N\n", "1: no source: name at least one under `gateways` or `bills`"),
        ("", "1: is empty: write at least `company` and one source"),
        ("company: [a\n", "2: is not YAML"),
        ("company: A\ncompany: B\ngateways: []\n", "2: key `company` is given twice"),
        ("- a\n", "1: tollbook.yaml must be a mapping"),
    ],
)
def test_broken_files_say_where(tmp_path: Path, text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in problems(tmp_path, text))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such file: write one with `tollbook init"):
        load_workspace(tmp_path)


@pytest.mark.parametrize("said", ["local", "env:SPARK_ADDRESS", "sc://spark.example.com:15002/"])
def test_spark_is_a_session_or_an_address(tmp_path: Path, said: str) -> None:
    assert load(tmp_path, f"{SMALLEST}spark: {said}\n").spark == said


def test_a_token_of_spark_is_refused_and_not_repeated(tmp_path: Path) -> None:
    [told] = problems(tmp_path, f"{SMALLEST}spark: sc://host:15002/;token=very-secret\n")
    assert "`env:NAME` for an address with a token" in told and "very-secret" not in told


def test_business_hours_are_of_working_days_unless_somebody_says_others(tmp_path: Path) -> None:
    assert load(tmp_path, SMALLEST).business_hours is None
    said = load(tmp_path, f"{SMALLEST}business_hours: {{to: 17:30}}\n").business_hours
    assert said == BusinessHours(("mon", "tue", "wed", "thu", "fri"), 9 * 60, 17 * 60 + 30)
    said = load(
        tmp_path, f"{SMALLEST}business_hours: {{days: [Sun, mon], from: 00:00, to: 24:00}}\n"
    ).business_hours
    assert said and (said.days, said.numbers(), said.ends) == (("mon", "sun"), [1, 7], 1440)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{days: [mon, montag]}", "`days`: `montag` is not one of mon, tue, wed, thu, fri, sat,"),
        ("{days: [mon, mon]}", "`days` names `mon` twice"),
        ("{days: mon}", "`days` must be a list"),
        ("{from: 9}", "`from: 9` is no time of day: write it as 09:00"),
        ('{to: "25:00"}', "`to: 25:00` is no time of day"),
        ("{from: 18:00, to: 09:00}", "end at 09:00, not after they begin at 18:00"),
        ("{timezone: UTC}", "unknown key `timezone`"),
        ("always", "must be"),
    ],
)
def test_business_hours_that_cannot_be_are_told(tmp_path: Path, said: str, problem: str) -> None:
    told = problems(tmp_path, f"{SMALLEST}business_hours: {said}\n")
    assert problem in "\n".join(told)
    assert all(each.startswith("4: ") for each in told)
