"""What random requests and bill rows say of themselves, read without the SQL."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from random_cases import LONG_ABOVE, METERS, Row


def side(meter: str) -> str:
    return "output" if meter == "output" else "input"


def band(request: Row) -> str:
    context = sum(
        request.get(f"{meter}_quantity") or 0 for meter in METERS if side(meter) == "input"
    )
    return "long" if context > LONG_ABOVE else "base"


def assert_in_reach(request: Row, charge: Row) -> None:
    """A request is used within the charge's day, or an hour beside it (batch: a day)."""
    batch = "batch" in (request["service_tier"], charge["service_tier"])
    used = request["ended_at"] if request["service_tier"] == "batch" else request["started_at"]
    beside = timedelta(days=1) if batch else timedelta(hours=1)
    # cells are whole hours: of one that the period cuts all requests are in it
    cut = timedelta(hours=1) if charge["bucket_start"].minute else timedelta(0)
    assert charge["bucket_start"] - beside - cut <= used < charge["bucket_end"] + beside + cut


def line_of(row: Row) -> tuple[str, str]:
    return row["source"], row["charge_description"]


def is_taken_back(row: Row) -> bool:
    return row["billed_cost_in_billing_currency"] < 0 or (row["consumed_quantity"] or 0) < 0


def net_quantity(rows: Iterable[Row]) -> Decimal | None:
    """What is left of the lines of one key; None where nothing was taken back of it, or more."""
    lines = list(rows)
    given = [row["consumed_quantity"] for row in lines if not is_taken_back(row)]
    taken = [row["consumed_quantity"] or 0 for row in lines if is_taken_back(row)]
    if not given or not taken or None in given or max(taken) > 0:
        return None
    net = sum([*given, *taken], Decimal(0))
    return net if net >= 0 else None


def is_countable(quantity: Decimal | None) -> bool:
    """Tokens of a bill can be compared with logged ones where they are a whole number."""
    return quantity is not None and quantity == quantity.to_integral_value()
