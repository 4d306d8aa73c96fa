"""Bill format `aws_focus`: AWS's data export of its FOCUS tables, Parquet or CSV, 1.0 and 1.2.

Folders and manifests are those of `aws_cur`; usage types are in `x_UsageType`.
"""

import re
from dataclasses import replace
from typing import Final

from ingestion.bills.aws_cur.exports import exports
from ingestion.bills.focus.reader import focus_format
from ingestion.bills.focus.vendors import usage_type_words
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Rows
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

_ACCOUNT: Final = re.compile(r"\d{12}")
_FOCUS: Final = focus_format(exports, "aws", (usage_type_words,))


def _read(record: Record, bill: Bill) -> Rows:
    payer = record.text("BillingAccountId")
    if payer and _ACCOUNT.fullmatch(bill.account) and payer != bill.account:
        raise RowError(
            "BillingAccountId", "another payer than the bill's account: give it a bill of its own"
        )
    return _FOCUS.read(record, bill)


FORMAT: Final = replace(_FOCUS, read=_read)
