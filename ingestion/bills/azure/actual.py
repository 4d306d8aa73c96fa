"""Bill format `azure_actual`: exports of Azure's Cost Management of the dataset ActualCost,
which is what the invoice has.
"""

from typing import Final

from ingestion.bills.azure.rows import cost_details

READER_VERSION: Final = "2"
FORMAT: Final = cost_details("ActualCost")
