"""A data export of AWS: Parquet by billing period, and a manifest that names the files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from simulation.bills.clouds.months import first_day, next_month

ROWS_PER_FILE: Final = 50_000
NAMES: Final = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.timestamp("ms", tz="UTC"): "timestamp_milliseconds",
}


def write_aws_export(
    folder: Path,
    name: str,
    month: str,
    schema: pa.Schema,
    rows: Sequence[Mapping[str, Any]],
    delivery: int,
) -> None:
    """A month as the only delivery, overwritten in place, or as one of several that are kept."""
    execution = f"{next_month(month):%Y%m}0{delivery}T031500Z-{delivery:08d}" if delivery else ""
    period = f"BILLING_PERIOD={month}"
    data = folder / name / "data" / period / execution
    metadata = folder / name / "metadata" / period / execution
    for place in (data, metadata):
        place.mkdir(parents=True, exist_ok=True)
    files = []
    for number, first in enumerate(range(0, max(1, len(rows)), ROWS_PER_FILE), start=1):
        file = data / f"{name}-{number:05d}.snappy.parquet"
        table = pa.Table.from_pylist(list(rows[first : first + ROWS_PER_FILE]), schema=schema)
        pq.write_table(table, file, compression="snappy")
        files.append(file)
    manifest = {
        "executionId": execution or f"{month}-overwritten",
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:000000000000:export/{name}",
        "billingPeriod": {
            "start": f"{first_day(month):%Y%m%dT000000.000Z}",
            "end": f"{next_month(month):%Y%m%dT000000.000Z}",
        },
        "columns": [{"name": field.name, "type": NAMES.get(field.type, "map")} for field in schema],
        "dataFiles": [f"s3://bills/{file.relative_to(folder).as_posix()}" for file in files],
        "additionalOutputFiles": [],
    }
    (metadata / f"{name}-Manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
