"""What a gateway's entry in tollbook.yaml says, as columns of `landing.sources`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ingestion.globs import glob_meets
from ingestion.reading.providers import canonical_provider
from ingestion.vocabulary import SEEN_FROM
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.gateway_facts import SEPARATOR
from ingestion.workspace.sources import Bill, Gateway
from orchestration.warehouse.billed_accounts import Account


def said_by_entry(
    gateway: Gateway,
    bills: Iterable[Bill],
    accounts: Mapping[str, Sequence[Account]],
    credentials: pa.Table | None,
) -> dict[str, Any]:
    """Where it names a key or an account without its provider, the one account that has it says
    more: of a gateway with several providers only the requests of that one have the key.
    `accounts`: of each bill.
    """
    facts = gateway.facts
    provider, account = canonical_provider(facts.provider), facts.account
    billed = {each for bill in bills if bill.role == "bill" for each in accounts[bill.name]}
    if account is not None and provider is None:
        billed = {each for each in billed if each[1] == account}
    elif facts.credential and account is None and provider is None and credentials is not None:
        owned = _sources_of(facts.credential, credentials)
        billed &= {each for name in owned for each in accounts.get(name, ())}
    else:
        billed = set()
    if len(billed) == 1:
        [(provider, account)] = billed
    return {
        "provider": provider,
        "billing_account": account,
        "sub_account": facts.sub_account,
        "credential_id": facts.credential,
        "credential_globs": _joined(facts.credentials),
        "region": facts.region,
        "seen_from": SEEN_FROM.index(facts.seen_from or GATEWAYS[gateway.format].seen_from),
        "same_call_milliseconds": facts.same_call_milliseconds,
    }


def _sources_of(credential: str, credentials: pa.Table) -> set[str]:
    """Bills (or gateways) under which credentials.csv knows a key."""
    return {
        row["source"]
        for row in credentials.to_pylist()
        if glob_meets(row["credential_id"], credential)
    }


def _joined(globs: Sequence[str] | None) -> str | None:
    return None if globs is None else SEPARATOR.join(globs)
