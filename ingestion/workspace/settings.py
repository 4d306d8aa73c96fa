"""One company's `tollbook.yaml`, read and checked."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import yaml

from ingestion.known_errors import KnownError
from ingestion.workspace.addresses import address_problem
from ingestion.workspace.entries import (
    FROM_ENVIRONMENT,
    Entries,
    read_attributes,
    read_attribution,
)
from ingestion.workspace.locations import S3_SCHEME
from ingestion.workspace.marked_yaml import MarkedYaml
from ingestion.workspace.named_places import NamedPlaces, attribution_places
from ingestion.workspace.sections.business_hours import BusinessHours, read_business_hours
from ingestion.workspace.sections.closing import (
    Closing,
    Corrections,
    JournalEntry,
    read_closing,
    read_corrections,
    read_journals,
)
from ingestion.workspace.sections.locales import DEFAULT as DEFAULT_LOCALE
from ingestion.workspace.sections.locales import read_locale
from ingestion.workspace.sections.memory import ADVICE, DEFAULT_MEMORY, LEAST, memory_bytes
from ingestion.workspace.sections.notifications import OFF, Notifications, read_notifications
from ingestion.workspace.sections.object_limits import (
    OBJECT_LIMITS,
    REJECTS_KEPT,
    ObjectLimits,
)
from ingestion.workspace.sections.runaways import DEFAULT_RUNAWAYS, Runaways, read_runaways
from ingestion.workspace.sources import Bill, Gateway, read_sources

TOP_LEVEL: Final = (
    *("company", "currency", "locale", "timezone", "since"),
    *("chargeback_basis", "price_max_age_days"),
    *(
        "fingerprints",
        "memory_limit",
        "spark",
        "quarantine_max_percent",
        "quarantine_max_records",
        *OBJECT_LIMITS,
    ),
    *("landing", "ledger", "warehouse", "marts", "exports", "reference"),
    *("gateways", "bills", "attribution", "attributes"),
    *("closing", "corrections", "journals", "notifications", "runaways", "business_hours"),
    *("keep_requests_months", "archive"),
)
# Of all months, beside their folders in `exports`.
PAGES: Final = "index.html"
# How local files are known again: by what the file system says of them, or by reading them.
STAT: Final = "stat"
CONTENT: Final = "content"
# A Spark session of the run's own process.
LOCAL_SPARK: Final = "local"


@dataclass(frozen=True, slots=True)
class Workspace:
    """All paths absolute (or `s3://`). `attribution`: dimension -> places, first hit wins."""

    file: Path
    company: str
    currency: str
    timezone: str
    since: date | None
    landing: str
    ledger: str
    exports: str
    reference: str
    warehouse: Path
    marts: Path
    chargeback_basis: str
    price_max_age_days: int
    quarantine_max_percent: Decimal
    closing: Closing
    corrections: Corrections
    journals: tuple[JournalEntry, ...]
    keep_requests_months: int  # so many of the closed months, the newest; 0: all
    archive: Path  # where day files of the others lie
    fingerprints: str  # how local files are known again: "stat" or "content"
    memory_limit: str  # as written: a size, or a part of the machine
    spark: (
        str  # which has the request stage: "local", "sc://…" or "env:NAME"; empty where DuckDB has
    )
    gateways: tuple[Gateway, ...]
    bills: tuple[Bill, ...]
    attribution: Mapping[str, tuple[str, ...]]
    notifications: Notifications = OFF
    locale: str = DEFAULT_LOCALE  # of pages, as Babel names it
    runaways: Runaways = DEFAULT_RUNAWAYS
    business_hours: BusinessHours | None = None

    @property
    def pages(self) -> str:
        """Where the pages of all months are begun."""
        return f"{self.exports}/{PAGES}"


class WorkspaceError(KnownError):
    """Everything that is wrong with a workspace, one `file:line: what` per line."""


def load_workspace(path: Path) -> Workspace:
    """The workspace of a folder or of a `tollbook.yaml`; raises WorkspaceError."""
    file = path / "tollbook.yaml" if path.is_dir() else path
    if not file.is_file():
        raise WorkspaceError(f"{file}:1: no such file: write one with `tollbook init`")
    document = MarkedYaml(file)
    root = document.root()
    workspace = _workspace(document, root) if root is not None else None
    if workspace is None or document.problems:
        raise WorkspaceError("\n".join(document.told()))
    return workspace


def _workspace(document: MarkedYaml, root: yaml.Node) -> Workspace:
    top = Entries(document, root, "tollbook.yaml", TOP_LEVEL)
    kept = top.number("quarantine_max_records", REJECTS_KEPT, "records")
    attribution = read_attribution(document, top.nodes.get("attribution"))
    named = NamedPlaces(
        (*attribution_places(attribution.values()), *read_attributes(top)),
        top.location("reference", "reference"),
    )
    limits = ObjectLimits(
        **{name: top.number(name, most, unit) for name, (most, unit) in OBJECT_LIMITS.items()}
    )
    gateways, bills = read_sources(top, named, kept, limits)
    timezone = top.text("timezone", "UTC")
    if timezone not in zoneinfo.available_timezones():
        top.problem("timezone", f"unknown timezone `{timezone}`: use a name like Europe/Berlin")
    workspace = Workspace(
        file=document.file.resolve(),
        company=top.text("company"),
        currency=top.matching("currency", "[A-Z]{3}", "use a code like USD", "USD"),
        timezone=timezone,
        since=top.day("since"),
        landing=top.location("landing", "landing"),
        ledger=top.location("ledger", "ledger"),
        exports=top.location("exports", "exports"),
        reference=top.location("reference", "reference"),
        warehouse=top.local_path("warehouse", "warehouse.duckdb"),
        marts=top.local_path("marts", "marts.duckdb"),
        chargeback_basis=top.choice("chargeback_basis", ("billed", "effective"), "billed"),
        price_max_age_days=top.number("price_max_age_days", 45, "days"),
        quarantine_max_percent=top.percent("quarantine_max_percent", "1"),
        closing=read_closing(top),
        corrections=read_corrections(top),
        journals=read_journals(top),
        keep_requests_months=top.number("keep_requests_months", 0, "months", least=0),
        archive=top.local_path("archive", "archive"),
        fingerprints=top.choice("fingerprints", (STAT, CONTENT), STAT),
        memory_limit=_memory_limit(top),
        spark=_spark(top),
        gateways=gateways,
        bills=bills,
        attribution=attribution,
        notifications=read_notifications(top),
        locale=read_locale(top),
        runaways=read_runaways(top),
        business_hours=read_business_hours(top),
    )
    _check_archive(top, workspace)
    if workspace.warehouse == workspace.marts:
        top.problem("marts", "`marts` and `warehouse` are the same file: give marts its own")
    return workspace


def _check_archive(top: Entries, workspace: Workspace) -> None:
    """No folder that a run lists, empties or swaps."""
    marts = workspace.marts
    others = {
        "landing": workspace.landing,
        "ledger": workspace.ledger,
        "exports": workspace.exports,
        "reference": workspace.reference,
        "marts": str(marts.with_name(f"{marts.stem}.requests")),
    }
    for key, location in others.items():
        if not location.startswith(S3_SCHEME) and workspace.archive.is_relative_to(location):
            top.problem("archive", f"`archive` lies in the folder of `{key}`: give it its own")


def _memory_limit(top: Entries) -> str:
    text = top.text("memory_limit", DEFAULT_MEMORY)
    # of any machine: only whether it is a limit is asked
    if text and memory_bytes(text, LEAST) is None:
        top.problem("memory_limit", f"`memory_limit: {text}` is no limit: {ADVICE}")
    return text


def _spark(top: Entries) -> str:
    text = top.text("spark", "")
    if text in ("", LOCAL_SPARK) or FROM_ENVIRONMENT.fullmatch(text):
        return text
    if problem := address_problem(text, "sc"):
        top.problem(
            "spark",
            f"`spark` {problem}; or `{LOCAL_SPARK}`, a session of the run itself; or `env:NAME`"
            " for an address with a token",
        )
    return text
