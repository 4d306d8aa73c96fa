from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ingestion.reference.conflicts import glob_meets
from ingestion.reference.csvs.levers import SAVING
from ingestion.reference.files import Reference, ReferenceError, read_reference
from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import PROJECT


def read(folder: Path, **files: str | bytes) -> Reference:
    (folder / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: g, format: litellm, location: logs}]\n"
    )
    for name, content in files.items():
        path = folder / "reference" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_reference(load_workspace(folder))


def problems(folder: Path, **files: str | bytes) -> list[str]:
    with pytest.raises(ReferenceError) as caught:
        read(folder, **files)
    return [line.removeprefix(f"{folder / 'reference'}/") for line in str(caught.value).split("\n")]


def test_absent_files_are_empty_typed_tables(tmp_path: Path) -> None:
    reference = read(tmp_path)
    assert sorted(reference.tables) == [
        *("accepted_losses", "accounts", "aliases"),
        *("attribution_rule_conditions", "attribution_rules", "budgets"),
        *("capacity", "chargeback_phases", "commitment_conditions", "commitments", "contracts"),
        *("credentials", "customers", "deployments", "disputes", "feature_plans"),
        *("fx_rates", "invoices", "levers", "models", "outcomes", "plans", "prices"),
        *("rate_card", "revenue"),
        *("seat_usage", "seats", "shared_cost_conditions", "shared_cost_targets"),
        *("shared_costs", "standing_limits", "teams"),
    ]
    assert all(table.num_rows == 0 for table in reference.tables.values())
    assert str(reference["prices"].schema.field("unit_price_per_million").type) == (
        "decimal128(38, 12)"
    )


def test_cells_become_typed_values_with_their_line(tmp_path: Path) -> None:
    reference = read(
        tmp_path,
        teams="team_id,team_name,valid_from,valid_to\r\nhr,HR & Co,,2026-10-01\r\n"
        'hr,"Human\nResources",2026-10-01T02:00:00+02:00,\r\n\r\nit,IT,,\r\n',
        invoices="\ufeffprovider,billing_account,invoice_id,billing_month,kind,amount,tax,credits,"
        "currency,issued_at\nopenai,org,I-1,2026-10,,1234.567890123456,0.1,-5,USD,2026-11-02\n",
        customers="customer_id,converted\nc1,False\nc2,\n",
        contracts="provider,model,discount_percent\nopenai,gpt-*,12.5\n",
        prices="provider,model,meter,unit_price_per_million\nown,llama,input,1e-3\n",
    )
    start, end = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    october = datetime(2026, 10, 1, tzinfo=UTC)
    teams = reference["teams"].select(["team_name", "cost_center", "valid_from", "valid_to"])
    assert [tuple(row.values()) for row in teams.to_pylist()] == [
        ("HR & Co", None, start, october),
        ("Human\nResources", None, october, end),
        ("IT", None, start, end),
    ]
    assert reference["teams"]["line"].to_pylist() == [2, 3, 6]
    assert reference["customers"]["converted"].to_pylist() == [False, None]
    invoice = reference["invoices"].to_pylist()[0]
    assert invoice["billing_month"] == date(2026, 10, 1)
    assert invoice["amount"] == Decimal("1234.567890123456")
    assert (invoice["kind"], invoice["credits"]) == ("usage", Decimal(-5))
    contract = reference["contracts"].to_pylist()[0]
    assert (contract["meter"], contract["service_tier"]) == ("*", "*")
    price = reference["prices"].to_pylist()[0]
    assert (price["service_tier"], price["context_above"]) == ("standard", 0)
    assert price["unit_price_per_million"] == Decimal("0.001")


def test_all_problems_are_told_with_line_and_column(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        teams="team_id,valid_from,valid_to\n,,\na,01/10/2026,\nb,2026-10-02,2026-10-01\n"
        "c,2026-10-01T08:00:00,\nd\n",
        prices="provider,model,meter,service_tier,context_above,unit_price_per_million\n"
        'openai,m,tokens,,200k,"1,250.00"\nopenai,m,input,,,0.0000000000001\n',
        invoices="provider,billing_account,invoice_id,billing_month,amount,currency,credits\n"
        "openai,org,I,Oct 2026,$5,usd,3\nopenai,org,I,2026-13,5,USD,3\n",
        contracts="provider,discount_percent,unit_price_per_million\nopenai,,\nopenai,101,\n",
    ) == [
        "contracts.csv:2: discount_percent: give exactly one of discount_percent and "
        "unit_price_per_million",
        "contracts.csv:3: discount_percent: `101`: a discount cannot exceed 100 percent",
        "invoices.csv:2: amount: `$5` is not a number like 1234.56: no thousands separators, "
        "symbols or spaces",
        "invoices.csv:2: billing_month: `Oct 2026` is not a month: write it as 2026-10",
        "invoices.csv:2: currency: `usd` is not a currency code like USD",
        "invoices.csv:3: billing_month: `2026-13` is not a month: write it as 2026-10",
        "prices.csv:2: context_above: `200k` is not a whole number of tokens like 200000",
        "prices.csv:2: meter: `tokens` is not one of input, cache_read, cache_write_5m, "
        "cache_write_1h, output, audio_input, audio_output, image_input, image_output, images, "
        "web_searches, file_searches, code_sessions, audio_seconds, video_seconds, characters, "
        "pages, requests",
        "prices.csv:2: unit_price_per_million: `1,250.00` is not a number like 1234.56: no "
        "thousands separators, symbols or spaces",
        "prices.csv:3: unit_price_per_million: `0.0000000000001` has more than 12 decimal places "
        "or 26 digits before them",
        "teams.csv:2: team_id: is empty: give a value",
        "teams.csv:3: valid_from: `01/10/2026` is not a date like 2026-10-01 or a time like "
        "2026-10-01T08:00:00Z",
        "teams.csv:4: valid_to: is not after valid_from, so the line is never valid",
        "teams.csv:5: valid_from: `2026-10-01T08:00:00` says no time zone: end it with Z or an "
        "offset like +02:00",
        "teams.csv:6: team_id: the line has 1 cells, not 3",
    ]


def test_rates_lead_to_the_currency_of_the_workspace(tmp_path: Path) -> None:
    """Whether an invoice in another currency can be counted, its bill and the rates decide."""
    rates = "date,from_currency,to_currency,rate\n2026-10-31,EUR,USD,1.085000000001\n"
    invoices = (
        "provider,billing_account,invoice_id,billing_month,amount,currency\n"
        "openai,org,I-1,2026-10,5,USD\nopenai,org,I-2,2026-10,5,EUR\n"
    )
    reference = read(tmp_path, fx_rates=rates, invoices=invoices)
    [rate] = reference["fx_rates"].to_pylist()
    assert (rate["date"], rate["rate"]) == (date(2026, 10, 31), Decimal("1.085000000001"))
    assert problems(
        tmp_path,
        fx_rates=rates + "2026-10-31,EUR,USD,1.1\n2026-10-31,USD,EUR,0.9\n2026-10-31,USD,USD,1\n"
        "31.10.2026,EUR,USD,0\n",
        invoices=f"{invoices}own,gpu,I-3,2026-10,5,EUR\n",
    ) == [
        "fx_rates.csv:3: date: `2026-10-31, EUR, USD` ties with line 2 (`2026-10-31, EUR, USD`): "
        "keep one",
        "fx_rates.csv:4: to_currency: `EUR` is not the workspace's `currency: USD`: give what one "
        "EUR is in USD",
        "fx_rates.csv:5: from_currency: `USD` is to_currency too: delete the line",
        "fx_rates.csv:6: date: `31.10.2026` is not a date: write it as 2026-10-31",
        "fx_rates.csv:6: rate: `0` is not above 0: one unit of from_currency in to_currency",
        "invoices.csv:4: currency: `EUR` is not the workspace's `currency: USD`, in which "
        "capacity.csv says what own capacity costs",
    ]


def test_a_contract_line_is_a_discount_or_a_price(tmp_path: Path) -> None:
    expected = "give exactly one of discount_percent and unit_price_per_million"
    assert problems(
        tmp_path,
        contracts="provider,model,discount_percent,unit_price_per_million\n"
        "openai,a,10,2.5\nopenai,b,,\nopenai,c,10,\nopenai,d,,2.5\n",
    ) == [f"contracts.csv:{line}: discount_percent: {expected}" for line in (2, 3)]


def test_headers_are_checked(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        teams="team,team_name,team_name\n",
        customers="",
        aliases=b"dimension,raw,value\nteam,\xff,x\n",
        deployments='gateway,deployment_id\ng,"open\n',
    ) == [
        "aliases.csv:2: is not UTF-8: save the file as UTF-8",
        "customers.csv:1: has no header: write customer_id, tier, plan, converted, valid_from, "
        "valid_to",
        "deployments.csv:2: is not CSV: unexpected end of data",
        "teams.csv:1: team: unknown column, known are team_id, team_name, cost_center, "
        "business_unit, owner_email, valid_from, valid_to",
        "teams.csv:1: team_id: required column is missing",
        "teams.csv:1: team_name: column is given twice",
    ]


def test_files_that_would_be_ignored_are_refused(tmp_path: Path) -> None:
    [found] = problems(tmp_path, team="team_id\n")
    assert found.startswith("team.csv:1: unknown reference file team.csv: known are ")


def test_two_lines_may_not_say_two_things_of_one_moment(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        teams="team_id,valid_from,valid_to\nhr,,2026-10-01\nhr,2026-10-01,\nhr,2026-12-01,\n",
        aliases="dimension,raw,value\nteam,HR,hr\nteam,HR,people\nplan,HR,hr\n",
        credentials="source,credential_id,team_id\ng,hr-*,hr\ng,*-hr,it\ng,hr-a,hr\ng,hr-ab*,x\n",
    ) == [
        "aliases.csv:3: dimension: `team, hr` ties with line 2 (`team, hr`): keep one",
        "credentials.csv:3: credential_id: `g, *-hr` ties with line 2 (`g, hr-*`) in an "
        "overlapping time: end one before the other starts",
        "teams.csv:4: team_id: `hr` ties with line 3 (`hr`) in an overlapping time: "
        "end one before the other starts",
    ]


@pytest.mark.parametrize(
    ("first", "second", "meets"),
    [
        ("hr-*", "*-prod", True),
        ("hr-*", "it-*", False),
        ("a*c", "ab*", True),
        ("a*c", "b*c", False),
        ("*", "", True),
        ("a", "a", True),
        ("a*b*c", "*x*", True),
    ],
)
def test_globs_meet_where_one_text_matches_both(first: str, second: str, meets: bool) -> None:
    assert glob_meets(first, second) is meets
    assert glob_meets(second, first) is meets


def test_reference_may_live_in_a_bucket(bucket: str, tmp_path: Path) -> None:
    from ingestion.storage.objects import open_storage

    open_storage(f"s3://{bucket}/reference").put("teams.csv", b"team_id\nhr\n")
    (tmp_path / "tollbook.yaml").write_text(
        f"company: N\nreference: s3://{bucket}/reference\n"
        "gateways: [{name: g, format: litellm, location: logs}]\n"
    )
    reference = read_reference(load_workspace(tmp_path))
    assert reference["teams"]["team_id"].to_pylist() == ["hr"]


def test_a_loss_is_accepted_by_somebody_for_days_of_a_gateway(tmp_path: Path) -> None:
    header = "gateway,from,to,by,reason\n"
    [loss] = read(tmp_path, accepted_losses=f"{header}g,2026-10-30,2026-11-02,cfo,disk full\n")[
        "accepted_losses"
    ].to_pylist()
    days = (date(2026, 10, 30), date(2026, 11, 2))
    assert (loss["gateway"], loss["from"], loss["to"], loss["by"]) == ("g", *days, "cfo")
    wrong = (
        "h,2026-10-01,2026-10-02,cfo,disk",
        "g,2026-10-02,2026-10-02,cfo,disk",
        "g,2026-10-03,2026-10-02,cfo,disk",
        "g,,2026-10-02,cfo,disk",
        "g,2026-10-01,October,cfo,disk",
        "g,2026-10-01,2026-10-02,,disk",
        "g,2026-10-01,2026-10-02,cfo,",
    )
    order = "to: is not after from: it is the day after the last lost one"
    assert problems(tmp_path, accepted_losses=header + "\n".join(wrong)) == [
        "accepted_losses.csv:2: gateway: `h` is no gateway of tollbook.yaml: it has g",
        f"accepted_losses.csv:3: {order}",
        f"accepted_losses.csv:4: {order}",
        "accepted_losses.csv:5: from: is empty: give a value",
        "accepted_losses.csv:6: to: `October` is not a date: write it as 2026-10-31",
        "accepted_losses.csv:7: by: is empty: give a value",
        "accepted_losses.csv:8: reason: is empty: give a value",
    ]


def test_a_phase_of_a_team_is_overridden_by_somebody_for_a_reason(tmp_path: Path) -> None:
    header = "team_id,phase,valid_from,override_by,override_reason\n"
    [row] = read(tmp_path, chargeback_phases=f"{header}hr,soft,2026-10-01,cfo,agreed\n")[
        "chargeback_phases"
    ].to_pylist()
    assert (row["team_id"], row["phase"], row["override_by"]) == ("hr", "soft", "cfo")
    wrong = (
        "hr,firm,,,",
        "it,soft,2026-10-01,cfo,",
        "it,soft,2026-11-01,,agreed",
        "it,hard,2026-11-01,,",
        "IT,hard,2026-12-01,,",
    )
    assert problems(tmp_path, chargeback_phases=header + "\n".join(wrong)) == [
        "chargeback_phases.csv:2: phase: `firm` is not one of showback, soft, hard",
        "chargeback_phases.csv:3: override_reason: is empty though override_by is given: an"
        " override says who and why",
        "chargeback_phases.csv:4: override_by: is empty though override_reason is given: an"
        " override says who and why",
        "chargeback_phases.csv:6: team_id: `IT` is `it` of line 5 in another case, and spellings"
        " that differ in case alone are one owner: write both alike",
    ]


def test_a_dispute_names_a_line_and_how_it_was_resolved(tmp_path: Path) -> None:
    header = "month,team_id,feature,amount,opened_at,reason,resolved_at,outcome\n"
    [row] = read(tmp_path, disputes=f"{header}2026-09,hr,chat,,2026-10-02,not ours,,\n")[
        "disputes"
    ].to_pylist()
    assert (row["month"], row["feature"], row["amount"]) == (date(2026, 9, 1), "chat", None)
    wrong = (
        "September,hr,chat,1,2026-10-02,why,,",
        "2026-09,hr,search,0,2026-10-02,why,,",
        "2026-09,hr,draft,1,2026-10-02,,,",
        "2026-09,hr,sum,1,2026-10-02,why,2026-10-03,",
        "2026-09,hr,ask,1,2026-10-02,why,,stands",
        "2026-09,hr,mail,1,2026-10-02,why,2026-10-01,stands",
        "2026-09,it,chat,1,2026-10-02,why,,",
        "2026-09,it,chat,2,2026-10-05,again,,",
        "2026-09,it,,2,2026-10-05,all,,",
    )
    told = problems(tmp_path, disputes=header + "\n".join(wrong))
    assert told == [
        "disputes.csv:2: month: `September` is not a month: write it as 2026-10",
        "disputes.csv:3: amount: `0` is not above 0: empty is all of it",
        "disputes.csv:4: reason: is empty: give a value",
        "disputes.csv:5: outcome: is empty though resolved_at is given: say how it was resolved",
        "disputes.csv:6: resolved_at: is empty though outcome is given: say when it was resolved",
        "disputes.csv:7: resolved_at: is before opened_at",
        "disputes.csv:8: feature: `chat` of it is disputed by line 10, which names no feature,"
        " too: keep one",
        "disputes.csv:9: feature: `chat` of it is disputed by line 10, which names no feature,"
        " too: keep one",
        "disputes.csv:9: month: `2026-09-01, it, chat` ties with line 8 (`2026-09-01, it, chat`):"
        " keep one",
    ]


def test_a_rate_card_says_one_price_of_a_scope_and_meter_at_a_time(tmp_path: Path) -> None:
    header = "scope,scope_id,method,value,meter,valid_from,valid_to\n"
    good = (
        "team,hr,cost_plus,2,,,2026-10-01",
        "team,hr,subsidy,100,,2026-10-01,",
        "team,hr,per_million,0.5,input,,",
        "feature,chat,per_request,0,,,",
        # customers that differ in case are two
        "customer,ACME,cost_plus,2,,,",
        "customer,acme,cost_plus,3,,,",
    )
    teams = "team_id\nhr\nit\n"
    rows = read(tmp_path, rate_card=header + "\n".join(good), teams=teams)["rate_card"]
    assert rows["value"].to_pylist() == [2, 100, Decimal("0.5"), 0, 2, 3]
    wrong = (
        "group,hr,cost_plus,2,,,",
        "team,,cost_plus,2,,,",
        "team,hr,discount,2,,,",
        "team,hr,cost_plus,two,,,",
        "team,hr,subsidy,101,,,",
        "team,hr,per_million,,input,,",
        "team,hr,per_million,5,,,",
        "team,hr,per_million,5,tokens,,",
        "team,hr,per_request,5,input,,",
        "team,hr,cost_plus,2,output,2026-10-01,2026-10-01",
        "team,__Unallocated__,cost_plus,2,,,",
        "team,legal,cost_plus,2,,,",
        "team,it,cost_plus,2,,,",
        "team,it,per_request,2,,2026-10-01,",
    )
    told = problems(tmp_path, rate_card=header + "\n".join(wrong), teams=teams)
    assert [line.removeprefix("rate_card.csv:")[:70] for line in told] == [
        "2: scope: `group` is not one of team, feature, customer",
        "3: scope_id: is empty: give a value",
        "4: method: `discount` is not one of cost_plus, subsidy, per_million, p",
        "5: value: `two` is not a number like 1234.56: no thousands separators,",
        "6: value: `101`: of subsidy at most 100",
        "7: value: is empty: give a value",
        "8: meter: is empty: say what a million of costs that much",
        "9: meter: `tokens` is not one of input, cache_read, cache_write_5m, ca",
        "10: meter: `input`: a request has all of its meters, leave it empty",
        "11: valid_to: is not after valid_from, so the line is never valid",
        "12: scope_id: `__Unallocated__` is nobody, whom nothing is charged",
        "15: scope: `team, it` ties with line 14 (`team, it`) in an overlapping",
        "13: scope_id: `legal` is no team of teams.csv",
    ]


def test_what_a_company_knows_of_its_spend_has_one_line_each(tmp_path: Path) -> None:
    reference = read(
        tmp_path,
        revenue="month,tier,plan,revenue,active_users\n2026-10,free,,-0.5,\n2026-10,free,web,7,12\n",
        outcomes="date,feature,outcome,count\n2026-10-31,chat,upgrade,0\n",
        feature_plans="feature,expected_output_tokens,valid_to\nchat,20,2026-10-01\n",
    )
    assert [tuple(row.values())[:5] for row in reference["revenue"].to_pylist()] == [
        (date(2026, 10, 1), "free", None, Decimal("-0.5"), None),
        (date(2026, 10, 1), "free", "web", Decimal(7), 12),
    ]
    assert reference["feature_plans"]["expected_input_tokens"].to_pylist() == [None]
    assert problems(
        tmp_path,
        revenue="month,tier,plan,revenue,active_users\n2026-10,free,,1,\n2026-10,free,,2,\n"
        "2026-10-01,pro,,1,1.5\n",
        outcomes="date,feature,outcome,count\n2026-10,chat,upgrade,-1\n2026-10-01,,upgrade,1\n",
        feature_plans="feature,expected_input_tokens,expected_output_tokens\nchat,,\nmail,0,\n",
    ) == [
        "feature_plans.csv:2: expected_input_tokens: give at least one of expected_input_tokens,"
        " expected_output_tokens",
        "feature_plans.csv:3: expected_input_tokens: `0` is not a whole number of tokens of one"
        " request like 1000",
        "outcomes.csv:2: count: `-1` is not a whole number like 1200",
        "outcomes.csv:2: date: `2026-10` is not a date: write it as 2026-10-31",
        "outcomes.csv:3: feature: is empty: give a value",
        "revenue.csv:3: month: `2026-10-01, free` ties with line 2 (`2026-10-01, free`): keep one",
        "revenue.csv:4: active_users: `1.5` is not a whole number like 1200",
        "revenue.csv:4: month: `2026-10-01` is not a month: write it as 2026-10",
    ]


def test_a_lever_takes_what_is_its_own_and_a_plan_looks_back(tmp_path: Path) -> None:
    reference = read(
        tmp_path,
        levers="lever,share_percent,provider,model\nrouting,30 %,openai,gpt-4o-mini\n",
        plans="month,feature,lever,baseline_month,planned_saving\n2026-10,chat,batch,2026-07,12\n",
    )
    [lever] = reference["levers"].to_pylist()
    assert (lever["feature"], lever["share_percent"], lever["saving_percent"]) == ("*", 30, None)
    assert problems(
        tmp_path,
        levers="lever,feature,share_percent,provider,model,place,one_time_cost,unit_cost\n"
        "distilling,,,,,,,\nbatch,a,101,,,,,\nbatch,b,-1,,,,,\nrouting,c,,openai,,,,\n"
        "batch,d,,,gpt-4o,,,\nfine_tuning,e,,,,,250,\nbatch,f,,,,,250,1\nbatch,g,,,,0,,\n",
        plans="month,feature,lever,baseline_month,planned_saving\n2026-10,chat,batch,2026-10,12\n"
        "2026-10,chat,batch,2026-09,-1\n",
    ) == [
        "levers.csv:2: lever: `distilling` is not one of max_tokens, routing, response_cache,"
        " prompt_cache, prompt_compression, batch, embeddings, structured_output, commitments,"
        " fine_tuning",
        "levers.csv:3: share_percent: `101` is not a percentage from 0 to 100",
        "levers.csv:4: share_percent: `-1` is not a percentage from 0 to 100",
        "levers.csv:5: model: routing goes to a provider and a model: say both",
        "levers.csv:6: model: is where routing goes, `batch` has none, nor a provider",
        "levers.csv:7: one_time_cost: fine_tuning needs it, and unit_cost: what a request then"
        " costs",
        "levers.csv:8: one_time_cost: is of fine_tuning, `batch` has none, nor a unit_cost",
        "levers.csv:9: place: `0` is not a place from 1 to 99: lower numbers go first",
        "plans.csv:2: baseline_month: is not before `month`, which is measured against it",
        "plans.csv:3: planned_saving: `-1` is negative: a cost is 0 or more",
    ]


def test_levers_are_called_and_ordered_as_dbt_has_them() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert [each["lever"] for each in project["vars"]["savings_levers"]] == list(SAVING)
