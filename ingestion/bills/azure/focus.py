"""Bill format `azure_focus`: exports of Azure's Cost Management of the dataset FocusCost.

Billed is BilledCost, in the billing currency. Folders and manifests are those of `azure_actual`.
"""

from dataclasses import replace
from typing import Final

from ingestion.bills.azure.accounts import check_account
from ingestion.bills.azure.exports import exports_of
from ingestion.bills.focus.reader import focus_format
from ingestion.bills.focus.vendors import azure_words
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Rows
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

_FOCUS: Final = focus_format(exports_of("FocusCost"), "azure", (azure_words,))


def _read(record: Record, bill: Bill) -> Rows:
    check_account(record.text("x_BillingAccountId") or record.text("BillingAccountId"), bill)
    return _FOCUS.read(record, bill)


FORMAT: Final = replace(_FOCUS, read=_read)
