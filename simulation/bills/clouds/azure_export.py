"""An export of Azure's Cost Management: partitions of CSV by month and run, and a manifest."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from simulation.bills.clouds.months import first_day, next_month
from simulation.company.random_names import uuid_text

ROWS_PER_PARTITION: Final = 400


@dataclass(frozen=True, slots=True)
class Dataset:
    """`kind` and `version` as the manifest has them; `gzipped` as the export was set up."""

    export: str
    kind: str
    version: str
    columns: Sequence[str]
    gzipped: bool


def write_azure_export(
    folder: Path,
    dataset: Dataset,
    month: str,
    rows: Sequence[Mapping[str, str]],
    delivery: int,
) -> None:
    """One run of a month; a later one has the whole month again."""
    first, last = first_day(month), next_month(month) - timedelta(days=1)
    run_id = uuid_text(
        hashlib.sha256(f"{dataset.export} {month} {delivery}".encode()).hexdigest()[:32]
    )
    place = folder / dataset.export / f"{first:%Y%m%d}-{last:%Y%m%d}" / run_id
    place.mkdir(parents=True)
    blobs: list[dict[str, str | int]] = []
    written = 0
    for number, start in enumerate(range(0, max(1, len(rows)), ROWS_PER_PARTITION)):
        part = rows[start : start + ROWS_PER_PARTITION]
        data = _csv(dataset.columns, part)
        name = f"part_{number}_0001.csv" + (".gz" if dataset.gzipped else "")
        (place / name).write_bytes(gzip.compress(data, mtime=0) if dataset.gzipped else data)
        blob = (place / name).relative_to(folder).as_posix()
        size = (place / name).stat().st_size
        written += size
        blobs.append({"blobName": blob, "byteCount": size, "dataRowCount": len(part)})
    manifest = {
        "manifestVersion": "2024-04-01",
        "blobCount": len(blobs),
        "byteCount": written,
        "dataRowCount": len(rows),
        "blobs": blobs,
        "deliveryConfig": {
            "dataOverwriteBehavior": "CreateNewReport",
            "partitionData": True,
            "fileFormat": "Csv",
            "compressionMode": "Gzip" if dataset.gzipped else "None",
        },
        "exportConfig": {
            "exportName": dataset.export,
            "type": dataset.kind,
            "dataVersion": dataset.version,
            "granularity": "Daily",
            "timeFrame": "TheLastBillingMonth",
        },
        "runInfo": {
            "runId": run_id,
            "executionType": "Scheduled",
            "submittedTime": f"{next_month(month)}T0{delivery}:00:00.0000000Z",
            "startDate": f"{first}T00:00:00",
            "endDate": f"{last}T00:00:00",
        },
    }
    (place / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """With the mark of UTF-8 at its head and lines that end as on Windows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
