"""A company in which every reference CSV has rows that matter, with a header of all its columns."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from tests.scenarios.companies import SETTINGS as SCENARIO
from tests.scenarios.companies import call, costs, line, log

GPT: Final = "gpt-4o-2024-08-06"
SETTINGS: Final = (
    SCENARIO.replace(
        "      service_tier: service\n",
        "      service_tier: service\n      deployment_id: deployment\n      ended_at: ended\n"
        "      gateway_team: group\n      region: region\n",
    )
    + "  - {name: europe, format: openai, account: org-e, location: europe}\n"
)
DAYS: Final = ("2026-09-05", "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-20")

REFERENCE: Final = {
    "teams": """\
team_id,team_name,cost_center,business_unit,owner_email,valid_from,valid_to
hr,People,CC1,inside,a@example.org,,2026-10-02
hr,Humans,CC1,inside,a@example.org,2026-10-02,
it,Machines,CC2,inside,b@example.org,2026-01-01,
lab,Humans,CC3,outside,c@example.org,2026-02-01,2026-10-02
""",
    "credentials": """\
source,credential_id,team_id,feature,environment,valid_from,valid_to
proxy,k-hr,hr,screening,prod,,2026-10-02
proxy,k-hr,it,helpdesk,dev,2026-10-02,
proxy,k-*,it,helpdesk,dev,,
openai,key_b,lab,trial,dev,,
openai,proj_*,it,,prod,2026-09-15,
""",
    "deployments": """\
gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id,region,valid_from,valid_to
proxy,dep-1,openai,org-o,proj_a,key_a,eu,,2026-10-02
proxy,dep-1,openai,org-o,proj_b,key_b,us,2026-10-02,
proxy,dep-*,openai,org-e,proj_e,key_e,,,
""",
    "models": """\
provider,raw_model,model,valid_from,valid_to
openai,ft-*,gpt-4o,,
openai,ft-rank,gpt-4o-mini,2026-10-01,2026-10-15
own,new-*,house,,
""",
    "customers": """\
customer_id,tier,plan,converted,valid_from,valid_to
c-1,pro,yearly,true,,2026-10-02
c-1,ent,yearly,true,2026-10-02,
c-*,free,monthly,false,,
""",
    "aliases": """\
dimension,raw,value
team,hr dept,hr
feature,cv,screening
""",
    "invoices": """\
provider,billing_account,invoice_id,billing_month,kind,amount,tax,credits,currency,issued_at,commitment_id,pays_from,pays_to,covers
openai,org-o,inv-1,2026-09,usage,31,1,0,USD,2026-10-03,,,,ai
openai,org-o,inv-2,2026-09,commitment,60,0,0,USD,2026-09-03,commit-1,2026-09,2026-12,
openai,org-e,inv-3,2026-09,usage,20,0,0,EUR,2026-10-03,,,,
openai,org-o,inv-4,2026-09,prepaid,500,0,0,USD,2026-09-01,,,,
""",
    "prices": """\
provider,model,meter,service_tier,region,context_above,volume_above,unit_price_per_million,valid_from,valid_to
own,house,input,standard,*,0,0,2,,2026-10-02
own,house,input,standard,*,0,0,3,2026-10-02,
own,house,input,standard,*,2000,0,9,,
own,house,input,standard,eu,0,0,4,,
own,house,output,standard,*,0,0,8,,
own,house,requests,standard,*,0,0,1000,2026-10-01,
openai,gpt-4o-mini,input,standard,*,0,3000,0.05,,
""",
    "contracts": """\
provider,model,meter,service_tier,volume_above,discount_percent,unit_price_per_million,valid_from,valid_to
openai,gpt-4o*,*,*,0,10,,,2026-10-20
openai,gpt-4o-mini,input,standard,0,,0.1,2026-10-01,
openai,gpt-4o,input,standard,5000,,1.5,2026-10-01,
""",
    "commitments": """\
commitment_id,provider,kind,scope,committed_amount,period,discount_percent,overage_percent,owner,valid_from,valid_to
commit-1,openai,spend,account=org-o & model=gpt-4o*,10,month,5,10,platform,2026-09-01,2026-12-01
commit-2,openai,spend,account=org-e,5,year,0,0,hr,2026-09-01,2027-09-01
""",
    "accepted_losses": """\
gateway,from,to,by,reason
proxy,2026-10-03,2026-10-05,cfo,disk
""",
    "chargeback_phases": """\
team_id,phase,valid_from,override_by,override_reason
hr,showback,,,
hr,soft,2026-10-01,cfo,agreed
it,hard,2026-09-01,,
""",
    "disputes": """\
month,team_id,feature,amount,opened_at,reason,resolved_at,outcome
2026-09,hr,screening,1.5,2026-10-04,not ours,,
2026-10,it,,,2026-11-04,too much,2026-11-05,stands
""",
    "rate_card": """\
scope,scope_id,method,value,meter,valid_from,valid_to
team,hr,cost_plus,2,,,2026-10-02
team,hr,subsidy,25,,2026-10-02,
team,it,per_million,9,input,2026-09-01,
team,it,cost_plus,0,,,
feature,screening,per_request,0.05,,,
customer,c-1,cost_plus,20,,,
""",
    "revenue": """\
month,tier,plan,revenue,active_users
2026-09,inner,flat,100,3
2026-09,inner,,20,
2026-10,trial,,0,2
""",
    "outcomes": """\
date,feature,outcome,count
2026-09-05,screening,hired,3
2026-10-01,trial,upgrade,2
""",
    "feature_plans": """\
feature,expected_input_tokens,expected_output_tokens,valid_from,valid_to
screening,1000,10,,2026-10-01
screening,2000,,2026-10-01,
trial,,20,2026-09-01,
""",
    "levers": """\
lever,feature,share_percent,saving_percent,provider,model,place,one_time_cost,unit_cost,confidence
routing,*,20,,openai,gpt-4o-mini,2,,,low
batch,screening,,40,,,1,,,high
fine_tuning,trial,,,openai,gpt-4o,,250,0.0001,
""",
    "plans": """\
month,feature,lever,baseline_month,planned_saving
2026-10,screening,batch,2026-09,12
2026-10,trial,routing,2026-09,1
""",
    "budgets": """\
scope,scope_id,unit,expected,budget,soft_percent,hard_percent,environment,valid_from,valid_to
company,,usd,50,60,80,120,,2026-09-01,
team,hr,usd,10,,,none,prod,,2026-11-01
credential,k-it,tokens,5000,6000,70,110,,,
user,*,usd,1,1,,,,,
""",
    "fx_rates": """\
date,from_currency,to_currency,rate,source
2026-09-01,EUR,USD,1.1,ecb
2026-10-01,EUR,USD,1.2,ecb
""",
    "attribution_rules": """\
priority,match,set_feature,set_team,set_tier,set_environment,set_plan,valid_from,valid_to,note
10,key_alias=k-it & model=gpt-4o*,ops,it,inner,dev,flat,2026-10-01,2026-10-15,first
20,user=u-*,,lab,inner,prod,flat,,,
20,user=u-1*,trial,,,,,2026-09-10,,
""",
    "shared_costs": """\
priority,match,method,basis,targets,valid_from,valid_to
1,residual_cause=tax,proportional,direct_cost,team=hr;team=it,,
2,team=lab,even,direct_cost,team=*,2026-10-01,
3,residual_cause=outside_gateway,fixed,direct_cost,team=hr:60;team=it:40,,2026-11-01
""",
    "seats": """\
provider,billing_account,product,plan,person,owner,seats,price,currency,period,valid_from,valid_to,included
openai,org-s,chatgpt,business,ann,hr,,30,,,2026-09-10,2026-10-15,5
openai,org-s,chatgpt,,bob,it,2,25,USD,month,,,9
anthropic,org-t,claude,team,,hr,3,20,EUR,month,2026-10-01,2027-01-01,
""",
    "seat_usage": """\
provider,billing_account,billing_month,product,person,used,overage,currency
openai,org-s,2026-10,chatgpt,ann,9,4,
openai,org-s,2026-10,chatgpt,bob,0,,USD
""",
    "capacity": """\
pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments,provider,billing_account,valid_from,valid_to
gpu,self_hosted,744,1000000,tokens,hr,gpu-*,,,2026-09-01,
gpu,self_hosted,744,1000000,tokens,it,gpu-*,,,2026-09-01,
ptu,provisioned,372,1000,requests,it,ptu-1;ptu-2,openai,org-o,,2026-10-15
""",
    "accounts": """\
scope,scope_id,gl_account,dimensions,valid_from,valid_to
default,,6100,,,
team,hr,6200,Class=AI,2026-09-01,2026-10-20
cause,tax,6300,Class=Tax,,
provider,openai,6400,,,
""",
}  # fmt: skip


def files() -> dict[str, str]:
    reference = {f"reference/{name}.csv": text for name, text in REFERENCE.items()}
    return reference | {
        "logs/proxy.jsonl": log(calls()),
        "openai/costs.json": costs(
            *(
                bill
                for day in DAYS
                for bill in (
                    line(day, f"{GPT}, input", "5.50", 5500, "key_a"),
                    line(day, f"{GPT}, input", "1.25", 1250, "key_b"),
                    line(day, "gpt-4o-mini-2024-07-18, input", "0.75", 7000, "key_b"),
                    line(day, "Storage", "0.10", None, "key_a"),
                )
            )
        ),
        "europe/costs.json": costs(
            *(line(day, f"{GPT}, input", "4.00", 2000, "key_e") for day in DAYS)
        ).replace('"usd"', '"eur"'),
    }


def calls() -> Iterator[dict[str, Any]]:
    for number, day in enumerate(DAYS):
        morning, night = f"{day}T10:00:00Z", f"{day}T23:30:00Z"
        yield call(morning, GPT, 4000, key="k-hr", deployment="dep-1", provider="openai")
        yield call(
            morning, GPT, 1500, key="k-it", deployment="dep-1", provider="openai", user_id="c-1"
        )
        yield call(night, GPT, 1250, key="k-x", deployment="dep-2", provider="openai", who="u-1")
        yield call(
            morning, "ft-rank", 7000, key="k-it", deployment="dep-1", provider="openai", who="u-2"
        )
        yield call(night, "house", 1000, 10, provider="own", team="HR Dept", feature_tag="cv")
        yield call(night, "new-house", 3000, 10, provider="own", user_id="c-2", group="Humans")
        yield call(night, "house", 500, provider="own", region="eu", who="u-11")
        yield call(morning, "house", 2000, provider="own", deployment="gpu-1", key="k-hr")
        yield call(morning, GPT, 900, provider="openai", deployment=f"ptu-{1 + number % 2}")
    # a batch is dated by its completion and priced as of its start
    yield call(
        "2026-09-30T22:00:00Z", GPT, 2500, key="k-hr", deployment="dep-1", provider="openai",
        service="batch", ended="2026-10-02T08:00:00Z",
    )  # fmt: skip


def table(name: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV of REFERENCE."""
    header, *rows = csv.reader(io.StringIO(REFERENCE[name]))
    return header, rows


def text(header: list[str], rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()
