"""What a run says of bills: where a control says otherwise."""

from typing import Final

import duckdb

DIFFERENCES: Final = (
    "SELECT source, billing_month, report, grouping, days, billed_cost, control_cost,"
    " billing_currency FROM main.mart_bill_controls WHERE abs(difference) >= 0.01 ORDER BY ALL"
)


def control_differences(marts: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each control of a month that is a cent or more from the bill."""
    told = []
    for row in marts.execute(DIFFERENCES).fetchall():
        source, month, report, grouping, days, billed, control, currency = row
        by = f"grouped by {grouping.replace(',', ', ')}" if grouping else "not grouped"
        told.append(
            f"bill {source}: of {days} days of {month:%Y-%m} {report} ({by}) says"
            f" {control.normalize():f} {currency}, and {billed.normalize():f} are billed by the"
            " report that stands: pull or save both again, and ask the provider if they differ then"
        )
    return told
