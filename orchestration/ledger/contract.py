"""What the ledger of a closed month holds: its tables, their columns, and the names of its files.

    ledger/<YYYY-MM>/manifest.json            makes the month closed
    ledger/<YYYY-MM>/<content>/<table>.parquet
    ledger/<YYYY-MM>/<content>/exports/…      as they left, byte for byte
    ledger/<YYYY-MM>/<content>/reference/…    the CSVs that it was built from
    ledger/accepted/<YYYY-MM>-<reason>.json   corrections that somebody accepted for that month
    ledger/accrued/<YYYY-MM>/…                a month before its invoice came, in the same form

Tables are Arrow schemas, money is decimal with 12 places. A later release reads an earlier one's
files: a column that those lack is NULL.
"""

from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from ingestion.contracts import MONEY

MANIFEST: Final = "manifest.json"
EXPORTS: Final = "exports"
REFERENCE: Final = "reference"
ACCEPTED: Final = "accepted"
ACCRUED: Final = "accrued"
# Tables of dbt's source `ledger`.
CHARGEBACK: Final = "closed_chargeback"
LINES: Final = "closed_lines"
CELLS: Final = "closed_cells"
POSTED: Final = "posted_corrections"
HOLDS: Final = "closed_holds"
RECOVERY: Final = "closed_recovery"
CHARGES: Final = "closed_charges"
MONTHS: Final = "closed_months"
PHASES: Final = "closed_phases"
REASONS: Final = "accepted_reasons"
ACCRUED_MONTHS: Final = "accrued_months"
# Of these a closed month has a file each.
IN_FILES: Final = (CHARGEBACK, LINES, CELLS, POSTED, HOLDS, RECOVERY, CHARGES)
# Where that is not the table's.
FILES: Final = {CHARGES: "charges"}
TABLES: Final = (*IN_FILES, MONTHS, PHASES, REASONS, ACCRUED_MONTHS)
# Tables of an accrual, which dbt does not read: by team, and what they are of by feature.
ACCRUED_TEAMS: Final = "accrued_teams"
ACCRUED_LINES: Final = "accrued_lines"
# What may differ between a close and now, and moves money between owners.
INPUTS: Final = ("rules", "owners", "prices", "method")

_TEXT: Final = pa.string()
_COMPONENTS: Final = ("direct", "residual", "shared", "correction", "timing", "total", "estimated")
# What usage is of, beside whose it is: the keys of a cell and the meter.
USAGE: Final = (
    *("usage_hour", "provider", "billing_account", "sub_account", "credential_id", "model"),
    *("meter", "service_tier", "context_band", "region"),
)


def schemas(owners: Iterable[str]) -> dict[str, pa.Schema]:
    """Of every table; `owners`: the workspace's owner dimensions."""
    account = {"billing_month": pa.date32(), "provider": _TEXT, "billing_account": _TEXT}
    team = dict.fromkeys(("team", "team_name", "cost_center"), _TEXT)
    usage = dict.fromkeys(USAGE, _TEXT) | {"usage_hour": pa.timestamp("us")}
    columns: dict[str, dict[str, pa.DataType]] = {
        CHARGEBACK: {
            **account,
            **team,
            **{f"{name}_cost": MONEY for name in _COMPONENTS},
            "unpriced_quantity": pa.int64(),
            "recovered_cost": MONEY,
            **dict.fromkeys(("currency", "phase", "status"), _TEXT),
        },
        LINES: {
            **account,
            **dict.fromkeys(("allocation_id", "charge_id", "cell_id"), _TEXT),
            "usage_date": pa.date32(),
            **team,
            **dict.fromkeys(("feature", "component", "residual_cause"), _TEXT),
            "amount": MONEY,
        },
        CELLS: {
            "billing_month": pa.date32(),
            "cell_id": _TEXT,
            **usage,
            **dict.fromkeys(owners, _TEXT),
            "quantity": pa.int64(),
        },
        POSTED: {
            "posting_month": pa.date32(),
            **account,
            "charge_id": _TEXT,
            **team,
            **dict.fromkeys(("feature", "reason", "part"), _TEXT),
            "amount": MONEY,
        },
        # what disputes put on hold with that month, and what it released (negative)
        HOLDS: {
            "posting_month": pa.date32(),
            **account,
            **team,
            **dict.fromkeys(("feature", "component"), _TEXT),
            "amount": MONEY,
        },
        RECOVERY: {
            **account,
            **dict.fromkeys(
                ("team", "cost_center", "feature", "scope", "scope_id", "method"), _TEXT
            ),
            "meter": _TEXT,
            **dict.fromkeys(("value", "total_cost"), MONEY),
            **dict.fromkeys(("quantity", "requests"), pa.int64()),
            "recovered_cost": MONEY,
            "currency": _TEXT,
        },
        # as the bill entered them
        CHARGES: {
            **account,
            "charge_id": _TEXT,
            "billed_cost_in_billing_currency": MONEY,
            "fx_rate_id": _TEXT,
        },
        MONTHS: {
            "billing_month": pa.date32(),
            "closed_at": pa.timestamp("us"),
            # half-open: the days of use whose cells CELLS has
            **dict.fromkeys(("cells_from", "cells_until"), pa.date32()),
            **{f"{name}_changed": pa.bool_() for name in INPUTS},
        },
        # of teams with a line in chargeback_phases.csv, as the manifest has them
        PHASES: {
            "billing_month": pa.date32(),
            **dict.fromkeys(("team", "asked_phase", "phase", "gate_says"), _TEXT),
            **dict.fromkeys(("override_by", "override_reason"), _TEXT),
            "closed_months": pa.int64(),
            "measured_month": pa.date32(),
            **dict.fromkeys(("owned_percent", "unlogged_percent"), pa.decimal128(18, 2)),
            "open_disputes": pa.int64(),
        },
        REASONS: {
            "posting_month": pa.date32(),
            **dict.fromkeys(("reason", "accepted_by", "why"), _TEXT),
            "accepted_at": pa.timestamp("us"),
        },
        ACCRUED_MONTHS: {"billing_month": pa.date32(), "accrued_at": pa.timestamp("us")},
    }
    return {name: pa.schema(list(fields.items())) for name, fields in columns.items()}
