"""Checks of the price book: is it as recent as what it prices, and does every model have a price.

Both fail in Dagster and are told by a run, and neither ends it: bills say what was spent, and a
model that nobody knows must not keep a month from tying.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import dagster as dg
import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import warehouse_key
from orchestration.checks.unpriced_models import unpriced_uses
from orchestration.running.memory import duckdb_config
from orchestration.running.progress import warn
from orchestration.running.warnings import PRICES

BOOK: Final = warehouse_key("price_book")
RATED: Final = dg.AssetKey(["intermediate", "int_unpriced_daily"])
NAMED: Final = 5
STANDARD: Final = "standard"

# Relative to the data, so that history is not called stale.
DAYS: Final = """
    SELECT
        (SELECT max(checked_on) FROM landing.price_book),
        (SELECT CAST(max(started_until) AT TIME ZONE 'UTC' AS DATE) FROM seen.request_days)
"""


def price_checks(workspace: Workspace) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name="prices_checked",
        specs=[
            dg.AssetCheckSpec(
                "fresh",
                asset=BOOK,
                additional_deps=[warehouse_key("requests")],
                description="No request is much newer than the newest price data.",
            ),
            dg.AssetCheckSpec(
                "models_priced",
                asset=BOOK,
                additional_deps=[RATED],
                description="Every model with tokens has a price.",
            ),
        ],
        required_resource_keys={"run_lock"},
    )
    def checked(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with duckdb.connect(
            workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
        ) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            wrong = {
                "fresh": stale_prices(connection, workspace.price_max_age_days),
                "models_priced": unpriced_models(connection),
            }
        told = [f"warning: {sentence}" for sentence in wrong.values() if sentence]
        warn(context.log, workspace, PRICES, told)
        for name, sentence in wrong.items():
            yield dg.AssetCheckResult(
                check_name=name,
                asset_key=BOOK,
                passed=not sentence,
                severity=dg.AssetCheckSeverity.ERROR,
                description=sentence or None,
            )

    return checked


def stale_prices(connection: duckdb.DuckDBPyConnection, max_age_days: int) -> str:
    """The sentence of price data that is too old for what it prices; empty when all is well."""
    [(checked, newest)] = connection.execute(DAYS).fetchall()
    advice = (
        "put a newer litellm_prices.json into the reference folder, or update Tollbook's price book"
    )
    if newest is None:
        return ""
    if checked is None:
        return f"no price data says of when it is: {advice}"
    age = (newest - checked).days
    if age <= max_age_days:
        return ""
    return (
        f"the newest price data is of {checked}, {age} days before the newest request ({newest});"
        f" price_max_age_days allows {max_age_days}: {advice}"
    )


def unpriced_models(connection: duckdb.DuckDBPyConnection) -> str:
    """The sentence of models with tokens and no price, most tokens first; empty without any."""
    tokens = Counter[tuple[str, str, str]]()
    for use in unpriced_uses(connection):
        tokens[use.provider, use.model, use.service_tier] += use.tokens
    if not tokens:
        return ""
    rows = sorted(tokens.items(), key=lambda row: (-row[1], row[0]))
    named = [
        f"{model} of {provider}{'' if tier == STANDARD else f', {tier}'} ({count:,} tokens)"
        for (provider, model, tier), count in rows
    ]
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return (
        f"models with tokens and no price: {'; '.join(named[:NAMED])}{more}: give each a price in"
        " prices.csv, or put a newer litellm_prices.json into the reference folder"
    )
