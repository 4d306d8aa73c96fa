"""The company's `tollbook.yaml` and reference CSVs: what it knows about itself."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from simulation.bills.invoices import Invoice, cents_as_dollars
from simulation.bills.writers import bill_formats
from simulation.company.catalog import Company, Contract
from simulation.company.provider_prices import METERS, dollars, list_prices

GATEWAY: Final = "litellm_prod"
TOKENS_OF_PRICE: Final = 1_000_000


def write_workspace(folder: Path, company: Company, start: date) -> None:
    accounts = {sub.provider: sub.account for sub in company.sub_accounts}
    bills = "\n".join(
        f"  - {{name: {provider}, format: {bill_format}, account: {accounts[provider]}, "
        f"location: bills/{provider}}}"
        for provider, bill_format in bill_formats(company).items()
    )
    (folder / "tollbook.yaml").write_text(
        f"""\
company: {company.name}
currency: USD
timezone: UTC
since: {start}
gateways:
  - {{name: {GATEWAY}, format: litellm, location: logs/litellm}}
bills:
{bills}
"""
    )


def write_reference(folder: Path, company: Company, invoices: Sequence[Invoice]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, tuple[str, Iterable[Sequence[object]]]] = {
        "teams": (
            "team_id team_name cost_center business_unit owner_email valid_from valid_to",
            _teams(company),
        ),
        "credentials": (
            "source credential_id team_id feature environment valid_from valid_to",
            _credentials(company),
        ),
        "deployments": (
            "gateway deployment_id provider billing_account sub_account provider_credential_id"
            " region",
            _deployments(company),
        ),
        "customers": ("customer_id tier plan converted valid_from valid_to", _customers(company)),
        "aliases": ("dimension raw value", _aliases(company)),
        "contracts": (
            "provider model meter service_tier discount_percent unit_price_per_million"
            " valid_from valid_to",
            [_contract(company.contract), *_cloud_contracts(company)],
        ),
        "invoices": (
            "provider billing_account invoice_id billing_month kind amount tax credits currency"
            " issued_at",
            _invoices(invoices),
        ),
    }
    if company.clouds:
        tables |= {
            "models": ("provider raw_model model", _models(company)),
            "prices": (
                "provider model meter service_tier unit_price_per_million",
                _prices(company),
            ),
        }
    for name, (columns, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(columns.split())
            writer.writerows(rows)


def features_of_team(company: Company) -> dict[str, list[str]]:
    owned: dict[str, list[str]] = {}
    for feature in company.features:
        owned.setdefault(feature.team.team_id, []).append(feature.feature_id)
    return owned


def _teams(company: Company) -> Iterable[Sequence[object]]:
    for team in company.teams:
        names = (team.team_id, team.name, team.cost_center, team.business_unit)
        yield *names, team.owner_email, "", ""


def _deployments(company: Company) -> Iterable[Sequence[object]]:
    for each in company.deployments:
        sub_account = each.sub_account.sub_account_id
        if each.cloud:
            role, region = each.cloud.principal, each.cloud.region
            place = (each.provider, each.account, sub_account, role, region)
        else:
            place = (each.provider, each.account, sub_account, each.credential_id, "")
        yield GATEWAY, each.deployment_id, *place


def _credentials(company: Company) -> Iterable[Sequence[object]]:
    """A gateway key names a feature only where its team has just one."""
    if company.untagged:
        return
    owned = features_of_team(company)
    for key in company.keys:
        features = owned.get(key.team.team_id, [])
        feature = features[0] if len(features) == 1 else ""
        yield GATEWAY, key.alias, key.team.team_id, feature, key.environment, "", ""
    for outside in company.outside_keys:
        if outside.team is not None:
            deployment = outside.deployment
            yield deployment.provider, deployment.credential_id, outside.team.team_id, *[""] * 4


def _customers(company: Company) -> Iterable[Sequence[object]]:
    """A customer that changes has one row before and one after."""
    customers = (*company.enterprise_customers, *company.free_customers, company.sandbox_customer)
    for each in customers:
        changes = each.changes_on
        yield each.customer_id, each.tier, each.plan, "", "", changes or ""
        if changes is not None:
            yield each.customer_id, each.tier_after, each.plan_after, "true", changes, ""


def _aliases(company: Company) -> Iterable[Sequence[object]]:
    for spelling in company.spellings:
        if spelling.folded:
            yield spelling.dimension, spelling.raw, spelling.value
    for team in company.teams:
        yield "team", team.name, team.team_id


def _contract(contract: Contract) -> Sequence[object]:
    every = "*"
    model = f"{contract.model}*"
    percent = contract.discount_percent
    return contract.provider, model, every, every, percent, "", contract.valid_from, ""


def _cloud_contracts(company: Company) -> Iterable[Sequence[object]]:
    declared = {
        (each.provider, each.model): each.cloud.declared_discount_percent
        for each in company.deployments
        if each.cloud and each.cloud.declared_discount_percent
    }
    for (provider, model), percent in declared.items():
        yield provider, model, "*", "*", percent, "", "", ""


def _models(company: Company) -> Iterable[Sequence[object]]:
    """What deployments are that LiteLLM was not told: Azure's names say nothing."""
    for each in company.deployments:
        if each.cloud and not each.cloud.base_model:
            for name in (each.cloud.routed_model, f"azure/{each.cloud.routed_model}"):
                yield each.provider, name, each.model


def _prices(company: Company) -> Iterable[Sequence[object]]:
    """Half price for batches, which price lists of clouds leave out."""
    models = {(each.provider, each.model) for each in company.deployments if each.cloud}
    for provider, model in sorted(models):
        for meter, pico in zip(METERS, list_prices(model, "batch"), strict=True):
            if pico:
                yield provider, model, meter, "batch", dollars(pico * TOKENS_OF_PRICE)


def _invoices(invoices: Sequence[Invoice]) -> Iterable[Sequence[object]]:
    for each in invoices:
        yield (
            *(each.provider, each.billing_account, each.invoice_id, each.billing_month, "usage"),
            *(cents_as_dollars(cents) for cents in (each.amount, each.tax, each.credits)),
            *("USD", each.issued_on),
        )
