"""What a row of invoices.csv says by its kind; for which commitment and months a payment is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from ingestion.reference.rows import Problem, ReferenceRow

# `commitment`: a fee or a prepayment, spread over the months that it pays for. `shortfall`: what
# was promised and not used, known when the time is over, so of its own month.
COMMITMENT: Final = "commitment"
SHORTFALL: Final = "shortfall"
PAYMENTS: Final = (COMMITMENT, SHORTFALL)
# A balance of credits: `prepaid`, a top-up; `grant`, free credits; `drawdown`, what the balance
# paid of a month's usage; `expiry`, what was lost of it; `fee`, what it costs to buy credits.
INVOICE_KINDS: Final = (
    *("usage", "seats", "prepaid", "grant", "drawdown", "expiry", "fee"),
    *PAYMENTS,
)
# Of a grant all is free, and credits that expire were taxed when they were bought.
_HAS_NO: Final[Mapping[str, tuple[str, ...]]] = {"grant": ("tax", "credits"), "expiry": ("tax",)}
# A charge of the bill is told apart from another by these.
IDENTITY: Final = (
    *("provider", "billing_account", "invoice_id", "billing_month"),
    *("kind", "commitment_id", "pays_from"),
)
NAMES_OF_PAYMENTS: Final = ("commitment_id", "pays_from", "pays_to")


def settled(
    invoices: Sequence[ReferenceRow], commitments: Sequence[ReferenceRow]
) -> tuple[list[ReferenceRow], list[Problem]]:
    """The rows of invoices.csv, each payment with its commitment and its months; what is wrong."""
    rows: list[ReferenceRow] = []
    problems: list[Problem] = []
    for row in invoices:
        try:
            rows.append(ReferenceRow(row.line, row.values | _settled(row.values, commitments)))
        except ValueError as error:
            problems.append((row.line, str(error)))
    said = {row.line for row in invoices if row.values["pays_from"] is not None}
    return rows, problems + _paid_twice(rows, said)


def invoice_problem(values: dict[str, Any]) -> str | None:
    """What the columns of one row say against each other."""
    kind, start, end = values["kind"], values["pays_from"], values["pays_to"]
    if kind != "usage" and values["covers"] == "all":
        return f"covers: all is for rows of kind usage, and this one is {kind}: leave it empty"
    for name in _HAS_NO.get(kind, ()):
        if values[name]:
            return f"{name}: a row of kind {kind} has none: leave it empty"
    if kind not in PAYMENTS:
        given = next((name for name in NAMES_OF_PAYMENTS if values[name] is not None), None)
        return given and f"{given}: is for rows of kind {' or '.join(PAYMENTS)}: leave it empty"
    if kind == SHORTFALL and (start or end):
        return "pays_from: a shortfall is of its billing month: leave pays_from and pays_to empty"
    if (start is None) != (end is None):
        return "pays_from: give both pays_from and pays_to, or neither"
    if start and start >= end:
        return "pays_to: is not after pays_from, so the row pays for no month"
    return None


def _settled(values: dict[str, Any], commitments: Sequence[ReferenceRow]) -> dict[str, Any]:
    if values["kind"] not in PAYMENTS:
        return {}
    commitment = _commitment(values, commitments)
    start, end = _months(values, commitment)
    return {"commitment_id": commitment["commitment_id"], "pays_from": start, "pays_to": end}


def _commitment(values: dict[str, Any], commitments: Sequence[ReferenceRow]) -> dict[str, Any]:
    """The line in force, else the next that begins, else the last that ended."""
    provider, named, month = (
        values[name] for name in ("provider", "commitment_id", "billing_month")
    )
    its = [row.values for row in commitments if row.values["provider"] == provider]
    if named is not None:
        lines = [line for line in its if line["commitment_id"] == named]
        if not lines:
            known = ", ".join(sorted({line["commitment_id"] for line in its})) or "none"
            raise ValueError(
                f"commitment_id: `{named}` is no commitment of {provider}: commitments.csv has"
                f" {known}"
            )
    else:
        lines = [line for line in its if _first(line) <= month <= _last(line)]
        if len(lines) != 1:
            ids = ", ".join(sorted(line["commitment_id"] for line in lines))
            raise ValueError(
                f"commitment_id: is empty, and {ids or 'no commitment'} of {provider}"
                f" {'are' if ids else 'is'} in force in {month:%Y-%m}: name the one that is paid"
            )
    wanted: date = values["pays_from"] or month
    return min(lines, key=lambda line: (_distance(line, wanted), _first(line)))


def _distance(line: dict[str, Any], month: date) -> tuple[int, int]:
    if month < _first(line):
        return 1, _number(_first(line)) - _number(month)
    return (0, 0) if month <= _last(line) else (2, _number(month) - _number(_last(line)))


def _months(values: dict[str, Any], commitment: dict[str, Any]) -> tuple[date, date]:
    """Half-open. A year is twelve months from the commitment's first, cut to its end."""
    first, last = _first(commitment), _last(commitment)
    month = values["billing_month"]
    if values["kind"] == SHORTFALL:
        return month, _after(month, 1)
    if values["pays_from"] is not None:
        start, end = values["pays_from"], values["pays_to"]
        if start < first or _number(end) > _number(last) + 1:
            raise ValueError(
                f"pays_from: {start:%Y-%m} to {end:%Y-%m} is not within the time of"
                f" {commitment['commitment_id']}, line by line of commitments.csv"
            )
        return start, end
    paid = min(max(month, first), last)
    if commitment["period"] == "month":
        return paid, _after(paid, 1)
    start = _after(paid, -((_number(paid) - _number(first)) % 12))
    return start, _after(start, min(12, _number(last) + 1 - _number(start)))


def _paid_twice(rows: Sequence[ReferenceRow], said: Collection[int]) -> list[Problem]:
    """Equal rows, and months that invoices of two months pay for though none of them (`said`, by
    line) says so: instalments of a year would each be spread over all of it.
    """
    problems: list[Problem] = []
    seen: dict[tuple[Any, ...], int] = {}
    paid: dict[tuple[Any, ...], tuple[int, date]] = {}
    for row in rows:
        values = row.values
        if values["kind"] not in PAYMENTS:
            continue
        identity = tuple(values[name] for name in IDENTITY)
        if identity in seen:
            problems.append((row.line, f"commitment_id: says what line {seen[identity]} says"))
        seen.setdefault(identity, row.line)
        if values["kind"] == SHORTFALL or row.line in said:
            continue
        span = tuple(values[name] for name in ("provider", *NAMES_OF_PAYMENTS))
        line, month = paid.setdefault(span, (row.line, values["billing_month"]))
        if month != values["billing_month"]:
            problems.append(
                (
                    row.line,
                    f"pays_from: line {line}, an invoice of {month:%Y-%m}, pays for the same"
                    f" months ({values['pays_from']:%Y-%m} to {values['pays_to']:%Y-%m}): say in"
                    " pays_from and pays_to which months this one pays for",
                )
            )
    return problems


def _first(commitment: dict[str, Any]) -> date:
    start: date = commitment["valid_from"].date()
    return start


def _last(commitment: dict[str, Any]) -> date:
    """The last month in force."""
    end: date = (commitment["valid_to"] - timedelta(microseconds=1)).date()
    return end.replace(day=1)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _after(month: date, months: int) -> date:
    number = _number(month) + months
    return date(number // 12, number % 12 + 1, 1)
