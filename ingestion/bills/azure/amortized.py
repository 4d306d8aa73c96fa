"""Bill format `azure_amortized`: exports of Azure's Cost Management of the dataset AmortizedCost.

What a reservation costs is on the days that use it, not on the day of its purchase: the sum is that
of the invoices only over its whole term. It is no second part of `azure_actual`, but its control.
"""

from typing import Final

from ingestion.bills.azure.rows import cost_details

READER_VERSION: Final = "2"
FORMAT: Final = cost_details("AmortizedCost")
