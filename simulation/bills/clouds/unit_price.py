"""The price of one unit of a line, as exports write it beside the line's cost."""

from decimal import Decimal


def unit_price(pico: int, quantity: str) -> str:
    """To the pico-dollar; of no quantity nothing."""
    units = Decimal(quantity)
    if not units:
        return ""
    price = (Decimal(pico) / units).quantize(Decimal(1)).scaleb(-12)
    return f"{price.normalize():f}"
