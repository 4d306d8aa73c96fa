"""Reads simulated bills of clouds by themselves: tables of rows, money as exact decimals."""

import csv
import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]


def aws_rows(folder: Path) -> Iterator[Row]:
    """All rows of the files that the manifests name; a double is its shortest decimal."""
    for manifest in sorted(folder.rglob("*-Manifest.json")):
        for file in json.loads(manifest.read_text())["dataFiles"]:
            name = file.removeprefix("s3://bills/")
            for row in pq.ParquetFile(folder / name).read().to_pylist():
                yield {
                    key: Decimal(repr(value)) if isinstance(value, float) else value
                    for key, value in row.items()
                }


def azure_rows(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.rglob("manifest.json")):
        manifest = json.loads(file.read_text())
        rows = [row for blob in manifest["blobs"] for row in _csv_rows(folder / blob["blobName"])]
        assert len(rows) == manifest["dataRowCount"]
        yield from rows


def _csv_rows(file: Path) -> list[Row]:
    data = file.read_bytes()
    text = gzip.decompress(data) if file.suffix == ".gz" else data
    return list(csv.DictReader(text.decode("utf-8-sig").splitlines()))


def google_rows(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            yield json.loads(line, parse_float=Decimal)
