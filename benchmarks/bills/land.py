"""Lands one bill of AWS: a process measures it.

    python -m benchmarks.bills.land FOLDER LANDING

prints CPU seconds without imports, records and what landed.
"""

import json
import sys

from benchmarks.bills.cur import ACCOUNT
from benchmarks.told_run import cpu_seconds
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill


def main(folder: str, location: str) -> None:
    bill = Bill("aws", "aws_cur", ACCOUNT, folder, None, "bill", {})
    before = cpu_seconds()
    result = load_bill(bill, Landing(open_storage(location)))
    used = cpu_seconds() - before
    print(json.dumps({"cpu": used, "records": result.records, "landed": result.landed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
