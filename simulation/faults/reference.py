"""What the company's own data has wrong, or must say right for the join to hold."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from simulation.company.catalog import Deployment, GatewayKey, SubAccount
from simulation.company.provider_prices import list_prices
from simulation.faults.company import Company, Record
from simulation.faults.finding import Finding
from simulation.workspace.reference_files import GATEWAY

OLD_DOLLARS: Final = {"input": 15, "output": 75}  # a million tokens; Opus 4.1's
TIMES_DEARER: Final = 3
ROTATED: Final = 9  # 3 October

Row = dict[str, str]


def old_price(company: Company, rng: Random) -> Finding:
    """prices.csv still has what the model before this one cost."""
    variance = 0
    for event in company.visible():
        attempt = event.attempt
        if (
            attempt.deployment.model == "claude-opus-4-5"
            and attempt.service_tier == "standard"
            and not event.is_fast
        ):
            fresh, *_, out = attempt.metered
            variance += (fresh * event.prices[0] + out * event.prices[4]) * (1 - TIMES_DEARER)
    company.edits.append(_write_old_prices)
    return Finding(
        f"prices.csv has {TIMES_DEARER} times today's price of claude-opus-4-5's input and output",
        {"rate_variance": variance},
    )


def _write_old_prices(folder: Path) -> None:
    add_prices(
        folder,
        [
            f"anthropic,claude-opus-4-5,{meter},standard,0,{price},,"
            for meter, price in OLD_DOLLARS.items()
        ],
    )


def add_prices(folder: Path, lines: list[str]) -> None:
    """Adds lines to prices.csv, which the simulated company does not have."""
    file = folder / "reference" / "prices.csv"
    header = (
        "provider,model,meter,service_tier,context_above,unit_price_per_million,valid_from,valid_to"
    )
    before = file.read_text() if file.exists() else f"{header}\n"
    file.write_text(before + "".join(f"{line}\n" for line in lines))


def undeclared_price_difference(company: Company, rng: Random) -> Finding:
    """A discount that the bill has and contracts.csv has not."""
    contract = company.catalog.contract
    variance = 0
    for event in company.visible():
        attempt = event.attempt
        if contract.applies(attempt.deployment, event.day) and attempt.service_tier == "standard":
            listed = list_prices(attempt.deployment.model, "standard")
            variance += sum(
                tokens * (billed - price)
                for tokens, billed, price in zip(attempt.logged, event.prices, listed, strict=True)
            )
    company.edits.append(lambda folder: _change(folder, "contracts", lambda rows: []))
    return Finding(
        f"{contract.discount_percent} % off {contract.model} since October, not in contracts.csv",
        {"rate_variance": variance},
    )


def second_account(company: Company, rng: Random) -> Finding:
    """One of two projects is billed on an account of its own; deployments.csv says so."""
    deployments = []
    moved = SubAccount("openai", "org-northwind-eu", "proj_eu", "analytics")
    for old in company.catalog.deployments:
        if old.sub_account.name == "analytics":
            new = replace(old, sub_account=moved, credential_id="key_eu")
            company.move(old, new)
            deployments.append(new)
        else:
            deployments.append(old)
    company.catalog = replace(company.catalog, deployments=tuple(deployments))
    return Finding("a project has an account, a bill and invoices of its own")


def key_rotated_mid_month(company: Company, rng: Random) -> Finding:
    """A provider key and a gateway key; of the latter, credentials.csv alone knows the owner."""
    day = company.day(ROTATED)
    leaked = company.deployment("gpt-4o", "product").credential_id
    added: list[Deployment] = []
    for old in company.catalog.deployments:
        if old.credential_id == leaked:
            new = replace(old, deployment_id=f"{old.deployment_id}-2", credential_id="key_rotated")
            company.move(old, new, since=day)
            added.append(new)
    [team] = {each.team for each in company.catalog.features if each.feature_id == "offer-letters"}
    key = next(
        key for key in company.catalog.keys if key.team is team and key.environment == "prod"
    )
    rotated = replace(key, alias=f"{key.alias}-2", key_hash=key.key_hash[::-1])
    for event in company.events:
        if event.attempt.key is key:
            event.edits.append(_without_owner)
            if event.day >= day:
                event.attempt.key = rotated
    company.catalog = replace(
        company.catalog,
        deployments=(*company.catalog.deployments, *added),
        keys=(*company.catalog.keys, rotated),
    )
    other = next(each.team_id for each in company.catalog.teams if each is not team)
    company.edits.append(
        lambda folder: _change(
            folder, "credentials", lambda rows: _dated(rows, key, rotated, f"{day}", other)
        )
    )
    return Finding(
        f"from {day:%-d %B} on another provider key is billed and another gateway key logged; "
        "the old one is another team's"
    )


def _dated(rows: list[Row], old: GatewayKey, new: GatewayKey, day: str, other: str) -> list[Row]:
    """The old key ends where the new one begins, and is then another team's."""
    dated = []
    for row in rows:
        name = (row["source"], row["credential_id"])
        if name == (GATEWAY, old.alias):
            dated.append({**row, "team_id": other, "feature": "", "valid_from": day})
            row = {**row, "valid_to": day}
        elif name == (GATEWAY, new.alias):
            row = {**row, "valid_from": day}
        dated.append(row)
    return dated


def _without_owner(record: Record) -> None:
    """No tags and no team: only the key tells whose it is."""
    record["request_tags"] = []
    metadata = record["metadata"]
    metadata["requester_metadata"]["tags"] = []
    metadata["user_api_key_team_id"] = metadata["user_api_key_team_alias"] = None


def _change(folder: Path, name: str, change: Callable[[list[Row]], list[Row]]) -> None:
    """A reference CSV's rows."""
    file = folder / "reference" / f"{name}.csv"
    with file.open(newline="") as lines:
        reader = csv.DictReader(lines)
        columns, rows = reader.fieldnames or [], list(reader)
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))
