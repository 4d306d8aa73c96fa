"""Every credential, deployment, team and customer that logs and bills name, with its dollars, and
whether a reference CSV knows it: as the models of a run resolve it, at the moment of its use.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import duckdb

# Models that it reads, with all that those read.
MODELS: Final = ("fct_requests", "stg_landing__charges")
# kind of a name -> its CSV, and the column that lists names
FILES: Final = {
    "credential": ("credentials", "credential_id"),
    "customer": ("customers", "customer_id"),
    "deployment": ("deployments", "deployment_id"),
    "team": ("teams", "team_id"),
}
_AT_THE_TIME: Final = "known.valid_from <= {at} AND {at} < known.valid_to"
_OF_REQUEST: Final = _AT_THE_TIME.format(at="requests.started_at")
_OF_CHARGE: Final = _AT_THE_TIME.format(at="charges.bucket_start")


def _owned(source: str, credential: str, at: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM intermediate.int_credentials_owned AS known"
        f" WHERE known.source = {source} AND known.credential_id = {credential} AND {at})"
    )


def _placed(model: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM intermediate.{model} AS known WHERE known.source = requests.source"
        f" AND known.deployment_id = requests.deployment_id AND {_OF_REQUEST})"
    )


def _of_teams(name: str) -> str:
    """A spelling of a team of teams.csv: credentials.csv and rules may name others."""
    return (
        "EXISTS (SELECT 1 FROM intermediate.int_spellings AS known"
        " INNER JOIN landing.teams ON lower(known.value) = lower(teams.team_id)"
        f" WHERE known.dimension = 'team' AND known.spelling = lower({name})"
        f" AND {_OF_REQUEST})"
    )


# A gateway's dollars are its own claim, a bill's are billed. What has two spellings (a key's
# alias and id) needs only one of them in a CSV.
SEEN: Final = f"""
    WITH requests AS (
        SELECT
            *,
            {_owned("requests.source", "requests.gateway_key_alias", _OF_REQUEST)}
            OR {_owned("requests.source", "requests.gateway_key_id", _OF_REQUEST)}
                AS is_known_credential,
            {_placed("int_deployments_resolved")} OR {_placed("int_pool_deployments")}
                AS is_known_deployment,
            {_of_teams("requests.gateway_team_alias")} OR {_of_teams("requests.gateway_team")}
                AS is_known_team,
            EXISTS (
                SELECT 1 FROM intermediate.int_customers_resolved AS known
                WHERE known.customer_id = requests.customer_id AND {_OF_REQUEST}
            ) AS is_known_customer
        FROM main.fct_requests AS requests
    ),
    seen AS (
        SELECT
            'credential' AS kind, source, gateway_key_alias AS name, gateway_key_id AS other,
            is_known_credential AS is_known, count(*) AS requests, sum(gateway_cost) AS cost,
            '' AS currency
        FROM requests GROUP BY ALL
        UNION ALL
        SELECT
            'deployment', source, deployment_id, NULL, is_known_deployment, count(*),
            sum(gateway_cost), ''
        FROM requests GROUP BY ALL
        UNION ALL
        SELECT
            'team', source, gateway_team_alias, gateway_team, is_known_team, count(*),
            sum(gateway_cost), ''
        FROM requests GROUP BY ALL
        UNION ALL
        SELECT 'customer', '', customer_id, NULL, is_known_customer, count(*), sum(gateway_cost), ''
        FROM requests GROUP BY ALL
        UNION ALL
        SELECT
            'credential', source, credential_id, sub_account_id,
            {_owned("charges.source", "charges.credential_id", _OF_CHARGE)}
            OR {_owned("charges.source", "charges.sub_account_id", _OF_CHARGE)} AS is_known,
            0, sum(billed_cost_in_billing_currency), billing_currency
        FROM staging.stg_landing__charges AS charges GROUP BY ALL
    )
    SELECT * FROM seen
    WHERE name IS NOT NULL OR other IS NOT NULL
    ORDER BY
        kind, source, coalesce(cost, 0) DESC, requests DESC, name NULLS LAST, other NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class SeenName:
    """`cost`: what a bill charged in `currency`; what a gateway (requests > 0) claims, or None.

    One that a CSV knows for a part of its uses alone is two, one of them known.
    """

    kind: str
    source: str
    names: tuple[str, ...]
    is_known: bool
    requests: int
    cost: Decimal | None
    currency: str = ""


def names_seen(connection: duckdb.DuckDBPyConnection) -> list[SeenName]:
    """In a fixed order: kind, source, dearest first. `connection`: a warehouse with MODELS."""
    return [
        SeenName(kind, source, tuple(name for name in names if name), known, uses, cost, currency)
        for kind, source, *names, known, uses, cost, currency in connection.execute(SEEN).fetchall()
    ]
