"""A company of seven months with two vendors, and what becomes of its closed months.

Its bills say what its logs say, so that every month ties, 98.7 % of its dollars have a team
and 0.4 % no log. One vendor bills by key and meter; the other one by the
month: tokens of a small model, and one sum for a large one, which is shared by what input and
output cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.scenarios.companies import call, costs, line, log, write_company

MONTHS: Final = tuple(date(2026, month, 1) for month in range(3, 10))
# Thousands, so that a few hundred requests of a month are dollars.
GPT: Final = "gpt-4o"
LARGE: Final = "mistral-large"
SMALL: Final = "mistral-small"
MILLION: Final = 1_000_000
PRICES: Final = {GPT: (Decimal("2.5"), 10), LARGE: (2, 6), SMALL: (1, 3)}
DAYS: Final = range(1, 4)

SETTINGS: Final = """\
company: Seven months
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {user_id: who, credential_hint: key, gateway_key_id: key}
bills:
  - {name: openai, format: openai, account: org-o, location: bills/openai}
  - {name: mistral, format: manual_invoice, account: org-m, location: bills/mistral}
journals:
  - {layout: netsuite, subsidiary: Parent Company}
"""
OF_MISTRAL: Final = "provider,month,description,kind,model,meter,quantity,amount,currency\n"
ACCOUNTS: Final = """\
scope,scope_id,gl_account,dimensions,valid_from,valid_to
default,,6100,,,
payable,,2100,,,
"""
PHASES: Final = f"""\
team_id,phase,valid_from,override_by,override_reason
red,soft,{MONTHS[3]},,
red,hard,{MONTHS[6]},,
blue,soft,{MONTHS[3]},,
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Requests of one kind, so many a day, each of so many tokens."""

    model: str
    key: str | None
    team: str | None
    daily: int
    tokens: tuple[int, int]

    @property
    def cost(self) -> Decimal:
        """Of one day."""
        both = zip(self.tokens, PRICES[self.model], strict=True)
        return sum((self.daily * tokens * price for tokens, price in both), Decimal(0)) / MILLION


USES: Final = (
    Use(GPT, "k1", None, 30, (100_000, 10_000)),
    Use(GPT, "k2", None, 24, (20_000, 15_000)),
    # a key of both teams, which say who they are
    Use(GPT, "k5", "red", 9, (100_000, 10_000)),
    Use(GPT, "k5", "blue", 9, (20_000, 15_000)),
    Use(GPT, "k9", None, 3, (20_000, 3_000)),
    Use(SMALL, None, "red", 6, (60_000, 10_000)),
    Use(SMALL, None, "blue", 6, (60_000, 10_000)),
    Use(LARGE, None, "red", 12, (90_000, 5_000)),
    Use(LARGE, None, "blue", 12, (10_000, 15_000)),
)
UNLOGGED: Final = Use(GPT, "k8", None, 1, (120_000, 0))


def write_seven_months(folder: Path) -> Path:
    files = {
        "reference/invoices.csv": _invoices(),
        "reference/credentials.csv": _credentials(),
        "reference/prices.csv": _prices(),
        "reference/accounts.csv": ACCOUNTS,
        "reference/chargeback_phases.csv": PHASES,
    }
    for month in MONTHS:
        days = [month.replace(day=day) for day in DAYS]
        files[f"logs/{month}.ndjson"] = log(
            request for day in days for use in USES for request in requests_of(use, day, use.daily)
        )
        files[f"bills/openai/{month}.json"] = page_of(month)
        files[f"bills/mistral/{month}.csv"] = _lines_of_mistral(month)
    return write_company(folder, files, SETTINGS)


def requests_of(use: Use, day: date, count: int, words: str = "on-time") -> list[dict[str, Any]]:
    tags = {"team": use.team, "feature_tag": f"{use.team}-desk"} if use.team else {}
    provider = "openai" if use.model == GPT else "mistral"
    return [
        call(
            f"{day}T{8 + number % 10:02}:{number // 10 % 60:02}:00Z",
            use.model,
            *use.tokens,
            provider=provider,
            request_id=f"{words}-{day}-{use.key}-{use.team}-{use.model}-{number}",
            **({"key": use.key} if use.key else {}),
            **tags,
        )
        for number in range(count)
    ]


def page_of(month: date, more: Decimal = Decimal(0)) -> str:
    """OpenAI's costs, `more` of them in one line of key k2."""
    lines = [_line(UNLOGGED, month.replace(day=DAYS[0]), "input", 0)]
    by_key: dict[str, list[Use]] = {}
    for use in USES:
        if use.key:
            by_key.setdefault(use.key, []).append(use)
    for day in (month.replace(day=day) for day in DAYS):
        for uses in by_key.values():
            lines += _lines(uses, day, more if uses[0].key == "k2" and day.day == DAYS[0] else 0)
    return costs(*lines)


def _lines(uses: list[Use], day: date, more: Decimal | int) -> Iterator[Any]:
    for side, meter in enumerate(("input", "output")):
        tokens = sum(use.daily * use.tokens[side] for use in uses)
        amount = tokens * PRICES[GPT][side] / Decimal(MILLION) + (more if side else 0)
        yield line(f"{day}", f"{GPT}, {meter}", f"{amount:f}", tokens, uses[0].key)


def _line(use: Use, day: date, meter: str, side: int) -> Any:
    return line(f"{day}", f"{use.model}, {meter}", f"{use.cost:f}", use.tokens[side], use.key)


def _lines_of_mistral(month: date) -> str:
    """Of the large model a sum, which says nothing of meters."""
    lines = [f"mistral,{month:%Y-%m},{LARGE},tokens,{LARGE},,,{_logged(LARGE):.2f},USD\n"]
    for side, meter in enumerate(("input", "output")):
        tokens = len(DAYS) * sum(use.daily * use.tokens[side] for use in USES if use.model == SMALL)
        cost = tokens * PRICES[SMALL][side] / Decimal(MILLION)
        words = f"{SMALL} {meter},tokens,{SMALL},{meter}"
        lines.append(f"mistral,{month:%Y-%m},{words},{tokens},{cost:.2f},USD\n")
    return OF_MISTRAL + "".join(lines)


def _invoices() -> str:
    header = "provider,billing_account,invoice_id,billing_month,amount,credits,currency\n"
    owed = _logged(LARGE) + _logged(SMALL)
    of_mistral = [f"mistral,org-m,m-{month:%m},{month:%Y-%m},{owed:.2f},,USD\n" for month in MONTHS]
    return header + "".join([*map(openai_invoice, MONTHS), *of_mistral])


def _logged(model: str) -> Decimal:
    """What the requests of a month cost."""
    return len(DAYS) * sum((use.cost for use in USES if use.model == model), Decimal(0))


def openai_invoice(month: date, more: Decimal = Decimal(0), credit: Decimal | None = None) -> str:
    amount = _logged(GPT) + UNLOGGED.cost + more + (credit or 0)
    told = f"{credit:.2f}" if credit else ""
    return f"openai,org-o,inv-{month:%m},{month:%Y-%m},{amount:.2f},{told},USD\n"


def _credentials() -> str:
    return (
        "source,credential_id,team_id,feature,valid_from,valid_to\n"
        "proxy,k1,red,chat,,\nproxy,k2,blue,search,,\n"
    )


def _prices() -> str:
    header = "provider,model,meter,unit_price_per_million,valid_from,valid_to\n"
    return header + "".join(
        price_line(model, meter, price)
        for model, prices in PRICES.items()
        for meter, price in zip(("input", "output"), prices, strict=True)
    )


def price_line(
    model: str,
    meter: str,
    price: Decimal | int,
    since: date | None = None,
    until: date | None = None,
) -> str:
    provider = "openai" if model == GPT else "mistral"
    return f"{provider},{model},{meter},{price},{since or ''},{until or ''}\n"
