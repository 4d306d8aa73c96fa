"""Gateways whose log does not say the key: what was matched, what was withheld, what to do.

Reads mart_keyless_usage_monthly.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)

MART: Final = "mart_keyless_usage_monthly"
# the keys of several months are one list
USAGE: Final = f"""
    SELECT
        gateway, provider, billing_account, bool_and(is_answered),
        sum(matched_cost), sum(withheld_cost),
        list_sort(list_distinct(flatten(list(string_split(withheld_keys, ', '))
            FILTER (withheld_keys IS NOT NULL)))),
        list_sort(list_distinct(flatten(list(string_split(keys, ', ')) FILTER (keys IS NOT NULL))))
    FROM main.{MART}
    GROUP BY gateway, provider, billing_account
    ORDER BY gateway, provider, billing_account
"""


@dataclass(frozen=True, slots=True)
class KeylessUsage:
    """Of one gateway and account, over all months; `keys`: matched or withheld, as on the bill."""

    gateway: str
    provider: str
    account: str
    is_answered: bool
    matched: Decimal
    withheld: Decimal
    withheld_keys: list[str] | None
    keys: list[str] | None

    def told(self, currency: str) -> str:
        """One sentence, with the line to write where the entry says nothing of keys."""
        said = (
            f"gateway {self.gateway}, {self.provider} {self.account}: its log names no key;"
            f" {_money(self.matched, currency)} matched without one"
        )
        if self.withheld:
            said += (
                f", {_money(self.withheld, currency)} withheld, which is of keys that"
                f" credentials.csv gives to another owner ({', '.join(self.withheld_keys or [])})"
            )
        return said if self.is_answered or not self.keys else f"{said}: {self._advice(self.keys)}"

    def _advice(self, keys: list[str]) -> str:
        one = keys[0] if len(keys) == 1 else "<key>"
        return (
            f"write `credential: [{', '.join(keys)}]` into its entry in tollbook.yaml if it uses"
            f" them, or `credential: none` if it uses no key of another owner; a deployment with a"
            f" key of its own is a line of deployments.csv, as"
            f" `{self.gateway},*,{self.provider},{self.account},,{one},,,`"
        )


def keyless_usage(connection: duckdb.DuckDBPyConnection) -> list[KeylessUsage]:
    """From published marts, or a warehouse that has the mart."""
    return [KeylessUsage(*row) for row in connection.execute(USAGE).fetchall()]


def _money(amount: Decimal, currency: str) -> str:
    cents = nearest_cents(pico(amount), unit_of(currency))
    return f"{cents_decimal(cents, places_of(currency))} {currency}"
