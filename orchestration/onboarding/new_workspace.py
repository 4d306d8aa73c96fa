"""The files of a new workspace: a commented tollbook.yaml and reference CSVs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ingestion.reference.tables import TABLES
from ingestion.storage.objects import Storage
from ingestion.workspace.attribution import DEFAULT_PLACES
from orchestration.onboarding.names_seen import SeenName
from orchestration.terminal.csv_text import csv_lines

TEMPLATE: Final = """\
# One company. Relative paths are relative to this file; s3://bucket/prefix works for gateways,
# bills, landing, ledger, exports and reference. Secrets are read from the environment: env:NAME.
company: {company}
# currency: USD                 # reporting currency
# locale: en_US               # of the pages: how they write numbers, dates and currencies
# timezone: UTC                 # calendar of showback dates; bills keep their provider's own
# since: 2026-09-01             # default: first day with logs; older bills show as totals
# landing: landing              # Parquet, append-only
# ledger: ledger                # closed months, immutable: back it up
# warehouse: warehouse.duckdb   # rebuildable
# marts: marts.duckdb           # published, always safe to query read-only
# exports: exports
# reference: reference          # teams.csv, credentials.csv, invoices.csv and the others
# chargeback_basis: billed      # or effective
# memory_limit: 50%             # of the machine, or a size like 4GB: what is more is spilt to disk
# spark: sc://host:15002        # a Spark that exists has the request stage; none: DuckDB
# fingerprints: stat            # content: read local files always, as on a network file system
# quarantine_max_percent: 1     # above it a month, or a day, is incomplete
# corrections: {{reasons: [restated_bill, credit_note, exchange_rate, late_log], from_amount: 1.00}}
# journals: []                  # layouts of ERPs for which a closed month's journals are written
# notifications: {{url: env:SLACK_WEBHOOK}}   # who is told of a failed check, a close, a gate
# runaways: {{floor: 25.00}}      # an hour is out of line from so much above what is usual
# business_hours: {{from: "09:00", to: "18:00"}}   # of mon to fri: nobody waits for money
# keep_requests_months: 0       # of older closed months day files go to `archive`; 0 keeps all
# archive: archive              # a local folder
# quarantine_max_records: 1000  # of one object, kept one by one
# attributes: []                # metadata and headers that land beside those that something reads
# price_max_age_days: 45        # warn when the newest request is so much newer than the prices

gateways:
  # what a log leaves out is said here: provider, account, sub_account, region, and credential, the
  # provider's keys that it uses: one, a list, globs, or none that credentials.csv gives to an owner
  - {{name: litellm, format: litellm, location: logs/litellm}}

bills:
  # location: a folder of saved API pages; or api, which fills one and reads it:
  # - {{name: openai, format: openai, account: org-…,
  #    api: {{base_url: "https://api.openai.com", key: env:OPENAI_ADMIN_KEY}}}}
  - {{name: openai, format: openai, account: org-of-your-openai-bill, location: bills/openai}}
  - {{name: anthropic, format: anthropic, account: org-of-your-anthropic-bill,
     location: bills/anthropic}}

# Where owners are found, per dimension: the first place that is not empty wins.
# Places: tag:<key>, metadata:<path>, header:<name>, gateway_team, rule, credential,
# customer:<column>.
# attribution:
{attribution}
"""


def _settings(company: str) -> str:
    places = (f"#   {owner}: [{', '.join(found)}]" for owner, found in DEFAULT_PLACES.items())
    return TEMPLATE.format(company=company, attribution="\n".join(places))


def write_workspace(directory: Path) -> list[Path]:
    """Writes what is not there yet; the paths written."""
    # a JSON string is a YAML string, whatever the folder is called
    company = json.dumps(directory.resolve().name, ensure_ascii=False)
    wanted = {directory / "tollbook.yaml": _settings(company)}
    for table, columns in TABLES.items():
        header = csv_lines([list(columns.columns)])
        wanted[directory / "reference" / f"{table}.csv"] = header
    written = []
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            continue
        written.append(path)
    return written


def fill_reference(folder: Storage, seen: Iterable[SeenName]) -> dict[str, int | None]:
    """CSV -> rows written, owners left empty; None for a CSV that has rows and is kept."""
    rows: dict[str, dict[tuple[str, ...], dict[str, str]]] = {
        "teams": {},
        "credentials": {},
        "customers": {},
        "deployments": {},
    }
    for name in seen:
        table, row = _row(name)
        rows[table].setdefault(tuple(row.values()), row)
    there = {info.name for info in folder.list(may_be_missing=True)}
    result: dict[str, int | None] = {}
    for table, found in rows.items():
        file = f"{table}.csv"
        if file in there and _has_rows(folder.get(file).data):
            result[file] = None
            continue
        columns = list(TABLES[table].columns)
        lines = sorted([row.get(column, "") for column in columns] for row in found.values())
        folder.put(file, csv_lines([columns, *lines]).encode())
        result[file] = len(lines)
    return result


def _row(name: SeenName) -> tuple[str, dict[str, str]]:
    spelling = name.names[0]
    match name.kind:
        case "team":
            return "teams", {"team_id": spelling}
        case "customer":
            return "customers", {"customer_id": spelling}
        case "deployment":
            return "deployments", {"gateway": name.source, "deployment_id": spelling}
    return "credentials", {"source": name.source, "credential_id": spelling}


def _has_rows(data: bytes) -> bool:
    """True where more than a header stands."""
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    return any(line.strip(" ,") for line in lines[1:])
