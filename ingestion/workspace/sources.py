"""The sources of a workspace, its gateways and bills: what tollbook.yaml says of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ingestion.workspace.entries import Entries
from ingestion.workspace.formats import (
    BILLS,
    DATABASE_KEYS,
    GATEWAYS,
    LIMITS,
    LIMITS_OF_LIMITS,
    BillFormat,
    GatewayFormat,
    bill_provider,
)
from ingestion.workspace.gateway_facts import FACTS, SILENT, GatewayFacts, read_facts
from ingestion.workspace.marked_yaml import MarkedYaml
from ingestion.workspace.named_places import DEFAULT, NamedPlaces
from ingestion.workspace.not_yet import BILLS_NOT_YET, GATEWAYS_NOT_YET
from ingestion.workspace.sections.object_limits import DEFAULT_LIMITS, REJECTS_KEPT, ObjectLimits

# Longer than calls run, which are written when they end and dated by when they start.
OVERLAP_HOURS: Final = 24
# Names stand in landing paths and in credentials.csv.
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
LIMITS_API_KEYS: Final = ("base_url", "key", *LIMITS_OF_LIMITS)
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
class LimitsApi:
    """Where to ask which limits stand."""

    base_url: str
    key_variable: str  # name of the environment variable that holds the key
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
    limits_api: LimitsApi | None = None


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
    limits_api: LimitsApi | None = None


def read_sources(
    top: Entries, named: NamedPlaces, rejects_kept: int, limits: ObjectLimits
) -> tuple[tuple[Gateway, ...], tuple[Bill, ...]]:
    document = top.document
    gateways = tuple(
        _gateway(document, node, named, rejects_kept, limits) for node in _sources(top, "gateways")
    )
    bill_nodes = _sources(top, "bills")
    bills = tuple(_bill(document, node, rejects_kept) for node in bill_nodes)
    _check_accounts(document, bill_nodes, bills)
    if not top.given("gateways") and not top.given("bills"):
        document.problem(top.node, "no source: name at least one under `gateways` or `bills`")
    _check_names(top, [*(g.name for g in gateways), *(b.name for b in bills)])
    return gateways, bills


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
        *("name", "format", "location", "limits_api", *(DATABASE_KEYS if has_database else ())),
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
        limits_api=_limits_api(document, entry, form.limits if form else ""),
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
    return _bounds(entry, LIMITS)


def _bounds(entry: Entries, most: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    return {name: entry.number(name, number, unit) for name, (number, unit) in most.items()}


def _limits_api(document: MarkedYaml, source: Entries, system: str) -> LimitsApi | None:
    if not source.given("limits_api"):
        return None
    if not system:
        known = [name for name, each in GATEWAYS.items() if each.limits]
        known += [name for name, each in BILLS.items() if each.limits]
        asked = ", ".join(sorted(known))
        source.problem("limits_api", f"limits are asked of {asked}, not of this format: remove it")
        return None
    entry = Entries(document, source.nodes["limits_api"], "`limits_api`", LIMITS_API_KEYS)
    return LimitsApi(
        base_url=entry.address("base_url"),
        key_variable=entry.secret("key"),
        options=_bounds(entry, LIMITS_OF_LIMITS),
    )


def _database(entry: Entries) -> GatewayDatabase:
    return GatewayDatabase(
        url_variable=entry.secret("url"),
        overlap_hours=entry.number("overlap_hours", OVERLAP_HOURS, "hours"),
    )


def _bill(document: MarkedYaml, node: yaml.Node, rejects_kept: int) -> Bill:
    entry = Entries(document, node, "a bill")
    named = ("name", "format", "account", "location", "api", "limits_api", "role")
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
        limits_api=_limits_api(document, entry, form.limits if form else ""),
    )


def _api(document: MarkedYaml, node: yaml.Node, form: BillFormat | None) -> BillApi:
    entry = Entries(document, node, "`api`")
    return BillApi(
        base_url=entry.address("base_url"),
        key_variable=entry.secret("key"),
        options=entry.options(("base_url", "key", *LIMITS), form.api_options if form else None)
        | _limits(entry),
    )
