"""Keys that rotate: named in deployments.csv and billed no more, and the key that came after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import duckdb

from ingestion.contracts import END, START
from ingestion.reading.providers import canonical_provider
from ingestion.reference.files import Reference
from ingestion.reference.tables import TABLES
from ingestion.workspace.settings import Workspace
from orchestration.terminal.csv_text import csv_lines

DAY: Final = timedelta(days=1)
# keys that come and go by chance are many
MOST: Final = 20
MODELS: Final = ("fct_requests", "stg_landing__charges", "stg_landing__provider_usage")
# tokens by gateway, line of deployments.csv that says the key (0: tollbook.yaml), key and UTC day
USED: Final = f"""
    SELECT
        requests.source, coalesce(deployments.line, 0), requests.credential_id,
        CAST(requests.started_at AS DATE), CAST(sum({
    " + ".join(f"coalesce({meter}_quantity, 0)" for meter in ("input", "output", "cache_read"))
}) AS BIGINT) AS tokens
    FROM main.fct_requests AS requests
    LEFT JOIN intermediate.int_deployments_resolved AS deployments
        ON
            requests.source = deployments.source
            AND coalesce(requests.deployment_id, '') = deployments.deployment_id
            AND deployments.valid_from <= requests.started_at
            AND requests.started_at < deployments.valid_to
            AND deployments.provider_credential_id IS NOT NULL
    WHERE
        requests.credential_id IS NOT NULL
        AND (deployments.line IS NOT NULL OR requests.credential_hint IS NULL)
    GROUP BY ALL HAVING tokens > 0 ORDER BY ALL
"""
KEYLESS: Final = """
    SELECT DISTINCT source FROM main.fct_requests WHERE credential_id IS NULL
"""
BILLED: Final = """
    WITH billed AS (
        SELECT provider, billing_account, sub_account_id, credential_id, billed_date, bucket_end
        FROM staging.stg_landing__charges
        UNION ALL
        SELECT provider, billing_account, sub_account_id, credential_id, billed_date, bucket_end
        FROM staging.stg_landing__provider_usage
    )
    SELECT
        provider, billing_account, coalesce(sub_account_id, ''), credential_id, min(billed_date),
        max(greatest(billed_date, CAST(bucket_end - INTERVAL 12 HOUR AS DATE)))
    FROM billed GROUP BY 1, 2, 3, 4 ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class BilledKey:
    """A key on an account's bill, charged from day `first` to day `last`; None is no key at all."""

    provider: str
    account: str
    sub_account: str
    key: str | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A line of deployments.csv that names a key, or an entry's `credential` (`line` 0)."""

    line: int
    values: dict[str, Any]

    @property
    def key(self) -> str:
        return str(self.values["provider_credential_id"])

    @property
    def used_by(self) -> tuple[str, int, str]:
        return self.values["gateway"], self.line, self.key

    @property
    def place(self) -> str:
        where = f"deployments.csv:{self.line}" if self.line else "tollbook.yaml"
        return f"{where}: {self.key} of gateway {self.values['gateway']}"

    def is_of(self, billed: BilledKey) -> bool:
        """Whether the key may be one of that account."""
        said = (self.values["provider"], self.values["billing_account"])
        return all(
            mine in (None, theirs)
            for mine, theirs in zip(said, (billed.provider, billed.account), strict=True)
        )


def rotated_keys(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, reference: Reference
) -> list[str]:
    """Sentences, the keys' own first, then the lines to write. `connection`: a warehouse with
    MODELS.
    """
    billed = [BilledKey(*row) for row in connection.execute(BILLED).fetchall()]
    lines = _key_lines(workspace, reference)
    used = _used_days(connection)
    told = [text for line in lines for text in _unbilled(line, used[line.used_by], billed)]
    lines += _keyless(connection, workspace, lines)
    advice = [text for old, new in _rotations(billed) for text in _advice(old, new, lines)]
    return told + advice[:MOST]


def _key_lines(workspace: Workspace, reference: Reference) -> list[KeyLine]:
    named = [
        KeyLine(row["line"], row)
        for row in reference["deployments"].to_pylist()
        if row["provider_credential_id"]
    ]
    return named + [
        _star(gateway.name, gateway.facts.provider, gateway.facts.account, gateway.facts.credential)
        for gateway in workspace.gateways
        if gateway.facts.credential
    ]


def _star(gateway: str, provider: str | None, account: str | None, key: str) -> KeyLine:
    values = dict.fromkeys(TABLES["deployments"].columns)
    values |= {"gateway": gateway, "deployment_id": "*", "provider": canonical_provider(provider)}
    values |= {"billing_account": account, "provider_credential_id": key}
    return KeyLine(0, {**values, "valid_from": START, "valid_to": END})


def _used_days(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, int, str], dict[date, int]]:
    """Gateway, line and key -> UTC day -> tokens of the requests that have the key by that line."""
    used: dict[tuple[str, int, str], dict[date, int]] = defaultdict(dict)
    for gateway, line, key, day, tokens in connection.execute(USED).fetchall():
        used[gateway, line, key][day] = tokens
    return used


def _glob(row: KeyLine) -> str:
    return str(row.values["deployment_id"])


def _unbilled(line: KeyLine, used: dict[date, int], billed: Sequence[BilledKey]) -> Iterator[str]:
    """Days of a line's requests, covered by the bill of its account, before or after its key's."""
    ours = [each for each in billed if line.is_of(each)]
    charged = [each for each in ours if each.key == line.key]
    accounts = {(each.provider, each.account) for each in charged or ours}
    covered = [each for each in ours if (each.provider, each.account) in accounts]
    if not covered:
        return
    first, last = min(each.first for each in covered), max(each.last for each in covered)
    days = [
        day
        for day in sorted(used)
        if first <= day <= last
        and not any(each.first <= day <= each.last for each in charged)
        and (not charged or day > max(each.last for each in charged) or _begins(day, charged))
    ]
    if days:
        when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
        tokens = sum(used[day] for day in days)
        yield (
            f"{line.place}: no bill charges this key {when}, though its requests have {tokens}"
            " tokens then: name the key that the bill charges for them"
        )


def _begins(day: date, charged: Sequence[BilledKey]) -> bool:
    return day < min(each.first for each in charged)


def _rotations(billed: Sequence[BilledKey]) -> Iterator[tuple[BilledKey, BilledKey]]:
    """A key that ends, and one of its project that begins then, within the time of the bill."""
    until: dict[tuple[str, str], date] = {}
    for each in billed:
        account = (each.provider, each.account)
        until[account] = max(until.get(account, each.last), each.last)
    projects: dict[tuple[str, str, str], list[BilledKey]] = defaultdict(list)
    for each in billed:
        if each.key:
            projects[each.provider, each.account, each.sub_account].append(each)
    for keys in projects.values():
        for old in keys:
            for new in keys:
                if (
                    old.first < new.first
                    and old.last <= new.first <= old.last + DAY
                    and old.last < until[old.provider, old.account]
                    and old.last < new.last
                ):
                    yield old, new


def _keyless(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, lines: Iterable[KeyLine]
) -> list[KeyLine]:
    """A line for each gateway whose log says no key and of which nothing else says one."""
    keyless = {name for (name,) in connection.execute(KEYLESS).fetchall()}
    said = {line.values["gateway"] for line in lines}
    return [
        _star(gateway.name, gateway.facts.provider, gateway.facts.account, "")
        for gateway in workspace.gateways
        if gateway.name in keyless - said and gateway.facts.credentials is None
    ]


def _advice(old: BilledKey, new: BilledKey, lines: Sequence[KeyLine]) -> Iterator[str]:
    """Two lines for each line that names the old key, else for each gateway that names none."""
    known = {(line.values["gateway"], _glob(line)) for line in lines if line.key == new.key}
    named = [line for line in lines if line.key == old.key and line.is_of(old)]
    keyless = [line for line in lines if not line.key and line.is_of(old)]
    for line in named or keyless:
        if (line.values["gateway"], _glob(line)) in known:
            continue
        start = datetime.combine(new.first, datetime.min.time(), UTC)
        if not line.values["valid_from"] < start < line.values["valid_to"]:
            continue
        where = f", in place of line {line.line}" if line.line else ""
        columns = list(TABLES["deployments"].columns)
        written = [
            _cells(replace(line, values=line.values | said), old)
            for said in (
                {"provider_credential_id": old.key, "valid_to": start},
                {"provider_credential_id": new.key, "valid_from": start},
            )
        ]
        yield (
            f"{old.key} of {old.provider} {old.account}{_project(old)} is charged until {old.last},"
            f" and {new.key} from {new.first}: if the key of gateway {line.values['gateway']} was"
            f" rotated, write into deployments.csv{where} (columns {','.join(columns)}):\n"
            f"{csv_lines(written)}".rstrip()
        )


def _project(billed: BilledKey) -> str:
    return f", {billed.sub_account}" if billed.sub_account else ""


def _cells(line: KeyLine, billed: BilledKey) -> list[str]:
    said = {
        "provider": billed.provider,
        "billing_account": billed.account,
        "sub_account": billed.sub_account,
    }
    return [_text(line.values[name] or said.get(name)) for name in TABLES["deployments"].columns]


def _text(value: Any) -> str:
    if not isinstance(value, datetime):
        return value or ""
    if value in (START, END):
        return ""
    text = value.isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")
