"""One result of OpenAI's costs, as its API and its dashboard's export name its parts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ingestion.bills.lines.amounts import RowError, currency, exact, product, rounded, text
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import unit_of
from ingestion.bills.openai.line_items import UNPARSED, read_line_item
from ingestion.records import Row


def cost_row(result: Mapping[str, Any], **known: Any) -> Row:
    """`known`: what its place says of the charge beside what it says itself."""
    amount = result.get("amount")
    if not isinstance(amount, Mapping):
        raise RowError("amount", "missing" if amount is None else "not an object")
    cost = rounded(exact(amount.get("value"), "amount.value"), 12)
    line = text(result.get("line_item"), "line_item")
    unit, factor = unit_of(text(result.get("quantity_unit"), "quantity_unit"))
    item = read_line_item(line, unit) if line else UNPARSED
    quantity = _consumed(result, cost, factor)
    return charge(
        item.kind,
        cost,
        sub_account_id=text(result.get("project_id"), "project_id"),
        sub_account_name=text(result.get("project_name"), "project_name"),
        credential_id=text(result.get("api_key_id"), "api_key_id"),
        principal_id=text(result.get("user_id"), "user_id"),
        charge_description=line or "OpenAI costs, not grouped by line item",
        model=item.model,
        meter=item.meter,
        service_tier=item.service_tier,
        context_band=item.context_band,
        consumed_quantity=quantity,
        consumed_unit=None if quantity is None else unit,
        billing_currency=currency(amount.get("currency"), "amount.currency"),
        **known,
    )


def _consumed(result: Mapping[str, Any], cost: Decimal, factor: Decimal) -> Decimal | None:
    """Quantity in single units (tokens, seconds); None where absent."""
    if result.get("quantity") is None:
        return None
    quantity = exact(result["quantity"], "quantity")
    if quantity < 0 <= cost:
        raise RowError("quantity", "negative quantity of money that is not")
    return rounded(product(quantity, factor), 6)
