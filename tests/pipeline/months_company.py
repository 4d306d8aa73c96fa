"""A company of eight months, and what may change in one of them without touching the others."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import build_folder, dbt_manifest, invoke_dbt
from orchestration.warehouse.built_months import LAST_OF_MONTHS, note_built_months
from tests.scenarios.companies import SETTINGS, OwnCompany, Rows, call, costs, line, log

MODEL: Final = "gpt-4o-2024-08-06"
WORDS: Final = f"{MODEL}, input"
MONTHS: Final = tuple(date(2026, month, 1) for month in range(5, 13))
PRICES: Final = (
    "provider,model,meter,volume_above,unit_price_per_million,valid_from,valid_to\n"
    "openai,gpt-4o,input,,2500000,,\n"
    "beta,big,input,,1000000,,\n"
)
CREDENTIALS: Final = (
    "source,credential_id,team_id,valid_from,valid_to\nopenai,k1,hr,,\nopenai,k2,web,,\n"
)
INVOICES: Final = (
    "provider,billing_account,invoice_id,billing_month,kind,amount,currency,commitment_id,pays_from,pays_to\n"
    "beta,main,B-1,2026-06,commitment,1200,USD,year,2026-06,2027-06\n"
)
COMMITMENTS: Final = (
    "commitment_id,provider,committed_amount,period,discount_percent,owner,valid_from\n"
    "year,beta,12000,year,90,platform,2026-06-01\n"
)
CLOUD: Final = "  - {name: cloud, format: focus, account: '1111', location: cloud}\n"
SONNET: Final = "anthropic.claude-sonnet-4-20250514-v1:0"
CLOUD_COLUMNS: Final = (
    "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,ConsumedUnit,ProviderName,ServiceName,SkuMeter,"
    "SkuPriceDetails,ConsumedQuantity,BilledCost\n"
)
RATES: Final = "date,from_currency,to_currency,rate,source\n2026-05-01,EUR,USD,1.25,ecb\n"


class MonthsCompany(OwnCompany):
    """Its allocations alone; of a next build, as of a run's, the months that read what changed."""

    def build(self) -> None:
        self._prepare(load_workspace(self.folder))
        self._make(self._of_months())

    def build_by_dbt(self) -> None:
        """The same, but the months by dbt itself."""
        workspace = load_workspace(self.folder)
        self._prepare(workspace)
        self._project.build(self._connection, self._of_months() - self._apart())
        self._connection.close()
        command = ["--no-write-json", "run", "--select", f"int_month_inputs+,+{LAST_OF_MONTHS}"]
        told: list[str] = []
        result = invoke_dbt(
            workspace,
            build_folder(workspace),
            command,
            lambda event: told.append(event["info"]["msg"]),
            dbt_manifest(workspace),
        )
        assert result.success, "\n".join(told)
        self._open(workspace)
        self._make(set())

    def anew(self) -> dict[str, Rows]:
        """The allocations as all months at once are built of what stands now."""
        before = self.allocations()
        self.query("delete from built.built_months")
        self._make(self._apart())
        anew = self.allocations()
        assert before.keys() == anew.keys()
        return anew

    def allocations(self) -> dict[str, Rows]:
        by_month = [model.relation for model in self._project.models if model.by_month]
        return {name: self.query(f"select * from {name} order by all") for name in by_month}

    def months_made(self) -> set[int]:
        """Of its year; what a payment pays for later has no usage yet."""
        made = self.query(
            f"select month(billing_month) from intermediate.{LAST_OF_MONTHS}"
            " where billing_month < '2027-01-01'"
        )
        return {month for (month,) in made}

    def _make(self, models: set[str]) -> None:
        self._project.build(self._connection, models)
        made = self._of_months()
        tests = {name for name in self._project.tests if self._project.upstream(name) <= made}
        assert len(tests) > 10
        assert self._project.failing(self._connection, tests) == []
        note_built_months(self._connection)

    def _of_months(self) -> set[str]:
        return self._project.with_what_they_read([LAST_OF_MONTHS])

    def _apart(self) -> set[str]:
        """Of these what is made of the months in hand."""
        return self._of_months() & self._project.downstream("int_month_inputs")


def write_months(folder: Path) -> None:
    files = {
        "tollbook.yaml": f"{SETTINGS}{CLOUD}",
        "cloud/october.csv": _cloud(MONTHS[5], ("100", "1")),
        "reference/prices.csv": PRICES,
        "reference/credentials.csv": CREDENTIALS,
        "reference/invoices.csv": INVOICES,
        "reference/commitments.csv": COMMITMENTS,
        "reference/fx_rates.csv": RATES,
    }
    for month in MONTHS:
        files[f"logs/{month}.jsonl"] = log(_calls(month))
        files[_page_of(month)] = _page(month)
    write_all(folder, files)


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _page(month: date, *more: Any) -> str:
    """Less or more than was logged; of k4 what the last day lacks was logged after midnight."""
    last = last_of(month)
    days = (month, month + timedelta(4), last)
    return costs(
        *(
            line(day.isoformat(), WORDS, amount, quantity, key)
            for day in days
            for key, amount, quantity in (("k1", "0.25", 120), ("k2", "0.5", 90))
        ),
        line(month.isoformat(), WORDS, "0.0625", 10, "k4"),
        line(last.isoformat(), WORDS, "0.3125", 100, "k4"),
        *more,
    )


def _page_of(month: date) -> str:
    return f"openai/{month}.json"


def _cloud(month: date, *lines: tuple[str, str]) -> str:
    """A month of a cloud's bill: (tokens, dollars) of 5 October, whatever month it is."""
    end = last_of(month) + timedelta(1)
    of_all = (
        f"1111,USD,{month},{end},Usage,2026-10-05,2026-10-06,Tokens,AWS,Amazon Bedrock,"
        f'Input Tokens,"{{""ModelId"": ""{SONNET}""}}"'
    )
    return CLOUD_COLUMNS + "".join(f"{of_all},{','.join(each)}\n" for each in lines)


def _calls(month: date) -> list[dict[str, Any]]:
    last = last_of(month)
    times = (
        f"{month}T00:00:20Z",
        f"{month}T10:00:00Z",
        f"{month + timedelta(4)}T10:00:00Z",
        f"{last}T10:00:00Z",
        f"{last}T23:59:40Z",
    )
    of_keys = [
        _call(at, tokens, key, team)
        for at in times
        for tokens, key, team in ((70, "k1", "hr"), (40, "k2", "web"), (30, "k3", "lab"))
    ]
    return [
        *of_keys,
        _call(f"{month}T00:00:20Z", 30, "k4", "lab"),
        _call(f"{last}T10:00:00Z", 90, "k4", "web"),
        call(f"{month}T11:00:00Z", "big", 300, provider="beta", key="k1", team="hr"),
        call(f"{month + timedelta(4)}T11:00:00Z", SONNET, 60, provider="bedrock", team="hr"),
    ]


def _call(at: str, tokens: int, key: str, team: str) -> dict[str, Any]:
    return call(at, MODEL, tokens, provider="openai", key=key, team=team)


def last_of(month: date) -> date:
    return (month + timedelta(31)).replace(day=1) - timedelta(1)


def a_line_on_either_side_of_midnight(folder: Path) -> None:
    """June explains less of May, and July more of June."""
    late = [
        _call("2026-05-31T23:59:59Z", 4, "k4", "hr"),
        _call("2026-07-01T00:00:00Z", 60, "k4", "hr"),
    ]
    write_all(folder, {"logs/late.jsonl": log(late)})


def a_line_within_a_month(folder: Path) -> None:
    late = _call("2026-07-15T12:00:00Z", 35, "k2", "hr")
    write_all(folder, {"logs/later-july.jsonl": log([late])})


def a_charge(folder: Path) -> None:
    more = line("2026-08-05", WORDS, "0.125", 50, "k3")
    write_all(folder, {_page_of(MONTHS[3]): _page(MONTHS[3], more)})


def a_reversal(folder: Path) -> None:
    back = line("2026-10-05", WORDS, "-0.25", None, "k1")
    write_all(folder, {_page_of(MONTHS[5]): _page(MONTHS[5], back)})


def a_reversal_of_another_month(folder: Path) -> None:
    """In November, of what October alone has of k3."""
    october, november = MONTHS[5], MONTHS[6]
    billed = line("2026-10-05", WORDS, "0.5", 20, "k3")
    back = line("2026-11-20", WORDS, "-0.125", None, "k3")
    pages = {_page_of(october): _page(october, billed), _page_of(november): _page(november, back)}
    write_all(folder, pages)


def a_line_entered_again_by_the_next_bill(folder: Path) -> None:
    """In November, of October's fifth: what its requests explain is what is left."""
    write_all(folder, {"cloud/november.csv": _cloud(MONTHS[6], ("-100", "-1"), ("60", "0.6"))})


def a_payment(folder: Path) -> None:
    """In September, in another currency, for the months from then on."""
    payment = "beta,main,B-2,2026-09,commitment,60,EUR,year,2026-09,2026-12"
    _append(folder / "reference/invoices.csv", payment)


def an_invoice(folder: Path) -> None:
    _append(folder / "reference/invoices.csv", "openai,org-o,O-7,2026-06,usage,3.00,USD,,,")


def a_price_with_bands(folder: Path) -> None:
    _append(folder / "reference/prices.csv", "beta,big,input,1000,500000,2026-11-01,")


def a_key_s_other_owner(folder: Path) -> None:
    """From the third of December on."""
    rows = CREDENTIALS.replace(
        "openai,k2,web,,", "openai,k2,web,,2026-12-03\nopenai,k2,lab,2026-12-03,"
    )
    write_all(folder, {"reference/credentials.csv": rows})


def _append(file: Path, row: str) -> None:
    file.write_text(f"{file.read_text()}{row}\n")


Change = Callable[[Path], None]
# What changes, and the months that a build makes of it.
CHANGES: Final[tuple[tuple[Change, set[int]], ...]] = (
    (a_line_on_either_side_of_midnight, {5, 6, 7}),
    (a_charge, {8}),
    (a_line_entered_again_by_the_next_bill, {10, 11}),
    (a_payment, {9, 10, 11}),
    (a_reversal_of_another_month, {10, 11}),
    # the day beside a month is read by it
    (a_price_with_bands, {10, 11, 12}),
)
MORE_CHANGES: Final[tuple[tuple[Change, set[int]], ...]] = (
    # in place of what November takes back: that is August's then
    (a_reversal, {8, 10, 11}),
    (an_invoice, {6}),
    (a_key_s_other_owner, {12}),
)
