"""One company's `tollbook.yaml`, read and checked."""

import zoneinfo
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from ingestion.known_errors import KnownError
from ingestion.workspace.addresses import address_problem
from ingestion.workspace.closing import (
    Closing,
    Corrections,
    JournalEntry,
    read_closing,
    read_corrections,
    read_journals,
)
from ingestion.workspace.entries import (
    FROM_ENVIRONMENT,
    Entries,
    read_attributes,
    read_attribution,
)
from ingestion.workspace.formats import (
    BILLS,
    DATABASE_KEYS,
    GATEWAYS,
    LIMITS,
    BillFormat,
    GatewayFormat,
    bill_provider,
)
from ingestion.workspace.gateway_facts import FACTS, SILENT, GatewayFacts, read_facts
from ingestion.workspace.locales import DEFAULT as DEFAULT_LOCALE
from ingestion.workspace.locales import read_locale
from ingestion.workspace.locations import S3_SCHEME
from ingestion.workspace.marked_yaml import MarkedYaml
from ingestion.workspace.memory import ADVICE, DEFAULT_MEMORY, LEAST, memory_bytes
from ingestion.workspace.named_places import DEFAULT, NamedPlaces, attribution_places
from ingestion.workspace.not_yet import BILLS_NOT_YET, GATEWAYS_NOT_YET
from ingestion.workspace.notifications import OFF, Notifications, read_notifications
from ingestion.workspace.object_limits import (
    DEFAULT_LIMITS,
    OBJECT_LIMITS,
    REJECTS_KEPT,
    ObjectLimits,
)
from ingestion.workspace.runaways import DEFAULT_RUNAWAYS, Runaways, read_runaways

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
    *("closing", "corrections", "journals", "notifications", "runaways"),
    *("keep_requests_months", "archive"),
)
# Of all months, beside their folders in `exports`.
PAGES: Final = "index.html"
# How local files are known again: by what the file system says of them, or by reading them.
STAT: Final = "stat"
CONTENT: Final = "content"
# A Spark session of the run's own process.
LOCAL_SPARK: Final = "local"
# Longer than calls run, which are written when they end and dated by when they start.
OVERLAP_HOURS: Final = 24
# Names stand in landing paths and in credentials.csv.
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
NAME_ADVICE: Final = "use letters, digits, `_`, `-` and `.` only"


@dataclass(frozen=True, slots=True)
class GatewayDatabase:
    url_variable: str  # name of the environment variable that holds its address and password
    overlap_hours: int  # how long before the newest row rows may have started that come late


@dataclass(frozen=True, slots=True)
class GatewayApi:
    base_url: str
    keys: Mapping[str, str]  # name in the entry -> environment variable that holds the key
    overlap_hours: int  # as of a database
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A source of request logs. `location` is an absolute folder or an `s3://bucket/prefix`, which
    is filled from `database` or `api` where there is one.
    """

    name: str
    format: str
    location: str
    options: Mapping[str, Any]  # the keys of its entry that its format knows
    facts: GatewayFacts = SILENT
    rejects_kept: int = REJECTS_KEPT  # of one object, one by one
    limits: ObjectLimits = DEFAULT_LIMITS
    named: NamedPlaces = DEFAULT
    database: GatewayDatabase | None = None
    api: GatewayApi | None = None


@dataclass(frozen=True, slots=True)
class BillApi:
    base_url: str
    key_variable: str  # name of the environment variable that holds the key
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bill:
    """A provider's bill: saved API pages in `location`, filled from `api` where one is given."""

    name: str
    format: str
    account: str
    location: str
    api: BillApi | None
    role: str  # "bill" or "control"
    options: Mapping[str, Any]
    rejects_kept: int = REJECTS_KEPT


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
    gateways = tuple(
        _gateway(document, node, named, kept, limits) for node in _sources(top, "gateways")
    )
    bill_nodes = _sources(top, "bills")
    bills = tuple(_bill(document, node, kept) for node in bill_nodes)
    _check_accounts(document, bill_nodes, bills)
    if not top.given("gateways") and not top.given("bills"):
        document.problem(root, "no source: name at least one under `gateways` or `bills`")
    _check_names(top, [*(g.name for g in gateways), *(b.name for b in bills)])
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


def _sources(top: Entries, key: str) -> list[yaml.Node]:
    return top.document.items(top.nodes[key], f"`{key}`") if top.given(key) else []


def _check_names(top: Entries, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if name and count > 1:
            top.problem("bills", f"{count} sources are named `{name}`: give each its own name")


def _check_accounts(
    document: MarkedYaml, nodes: Sequence[yaml.Node], bills: Sequence[Bill]
) -> None:
    """Two bills of one account would bill its cost twice.

    Of bills that may hold several providers what landed tells it:
    assert_bills_become_charges_once.
    """
    first: dict[tuple[str, str], Bill] = {}
    for node, bill in zip(nodes, bills, strict=True):
        if bill.role != "bill" or bill.format not in BILLS or not bill.account:
            continue
        provider = bill_provider(bill)
        other = first.setdefault((provider, bill.account), bill) if provider else bill
        if other is not bill:
            document.problem(
                node,
                f"`{bill.name}` is a second {provider} bill of account `{bill.account}` beside"
                f" `{other.name}`: mark one `role: control`",
            )


def _gateway(
    document: MarkedYaml,
    node: yaml.Node,
    named: NamedPlaces,
    rejects_kept: int,
    limits: ObjectLimits,
) -> Gateway:
    entry = Entries(document, node, "a gateway")
    log_format = entry.choice("format", tuple(GATEWAYS), not_yet=GATEWAYS_NOT_YET)
    form = GATEWAYS.get(log_format)
    options = form.options if form else None
    # `provider` is an option as well of a reader that would else guess it
    has_database = form is not None and form.has_database
    keys = (
        *("name", "format", "location", *(DATABASE_KEYS if has_database else ())),
        *(("api",) if form and (form.api_keys or entry.given("api")) else ()),
        *(key for key in FACTS if key not in (options or ())),
    )
    name = entry.matching("name", NAME, NAME_ADVICE)
    api = _gateway_api(document, entry, form)
    is_pulled = has_database or api is not None
    return Gateway(
        name=name,
        format=log_format,
        location=entry.location("location", f"pulled/{name}" if is_pulled else None),
        options=entry.options(keys, options),
        facts=read_facts(entry),
        rejects_kept=rejects_kept,
        limits=limits,
        named=named,
        database=_database(entry) if has_database else None,
        api=api,
    )


def _gateway_api(
    document: MarkedYaml, gateway: Entries, form: GatewayFormat | None
) -> GatewayApi | None:
    if form is None or not gateway.given("api"):
        return None
    if not form.api_keys:
        gateway.problem("api", f"`{gateway.text('format')}` has no `api`: give it a `location`")
        return None
    entry = Entries(document, gateway.nodes["api"], "`api`")
    named = ("base_url", *form.api_keys, "overlap_hours", *LIMITS)
    return GatewayApi(
        base_url=entry.address("base_url"),
        keys={name: entry.secret(name) for name in form.api_keys},
        overlap_hours=entry.number("overlap_hours", OVERLAP_HOURS, "hours"),
        options=entry.options(named, form.api_options) | _limits(entry),
    )


def _limits(entry: Entries) -> dict[str, Any]:
    return {name: entry.number(name, most, unit) for name, (most, unit) in LIMITS.items()}


def _database(entry: Entries) -> GatewayDatabase:
    return GatewayDatabase(
        url_variable=entry.secret("url"),
        overlap_hours=entry.number("overlap_hours", OVERLAP_HOURS, "hours"),
    )


def _bill(document: MarkedYaml, node: yaml.Node, rejects_kept: int) -> Bill:
    entry = Entries(document, node, "a bill")
    named = ("name", "format", "account", "location", "api", "role")
    name = entry.matching("name", NAME, NAME_ADVICE)
    bill_format = entry.choice("format", tuple(BILLS), not_yet=BILLS_NOT_YET)
    form = BILLS.get(bill_format)
    api = _api(document, entry.nodes["api"], form) if entry.given("api") else None
    if api is None and not entry.given("location"):
        entry.problem("location", "a bill needs `location` (saved pages) or `api`: add one")
    if api and form and not form.has_api:
        entry.problem("api", f"`{bill_format}` has no `api`: give its exports a `location`")
    return Bill(
        name=name,
        format=bill_format,
        account=entry.text("account"),
        # pages that an api fills go where saved pages of that name would stand
        location=entry.location("location", f"bills/{name}"),
        api=api,
        role=entry.choice("role", ("bill", "control"), "bill"),
        rejects_kept=rejects_kept,
        options=entry.options(named, form.options if form else None),
    )


def _api(document: MarkedYaml, node: yaml.Node, form: BillFormat | None) -> BillApi:
    entry = Entries(document, node, "`api`")
    return BillApi(
        base_url=entry.address("base_url"),
        key_variable=entry.secret("key"),
        options=entry.options(("base_url", "key", *LIMITS), form.api_options if form else None)
        | _limits(entry),
    )
