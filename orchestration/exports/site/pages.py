"""The files of a month's site: company, trust and a page a team, each whole in itself."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import duckdb
from markupsafe import Markup

from orchestration.cents.owners import UNALLOCATED
from orchestration.checks.month_status import month_statuses
from orchestration.exports.site.blocks.breakdown import breakdown_of
from orchestration.exports.site.blocks.bridge import Rows, bridge_of, read_effects
from orchestration.exports.site.blocks.flow import flow_of
from orchestration.exports.site.blocks.headlines import Headlines
from orchestration.exports.site.blocks.margins import read_margins
from orchestration.exports.site.blocks.panels import panels_of
from orchestration.exports.site.blocks.sankey import placed
from orchestration.exports.site.blocks.tables import causes_of, features_of, models_of, tiers_of
from orchestration.exports.site.blocks.trust import PRICED, read_trust
from orchestration.exports.site.blocks.units import MOST_UNITS, features_of_one_team, read_units
from orchestration.exports.site.figures import Figures, read_statement
from orchestration.exports.site.signals.month import read_signals
from orchestration.exports.site.statement import Row, Statement, statements_of_teams
from orchestration.exports.site.templating import TEMPLATES, environment_of
from orchestration.exports.site.wording.numbers import Numbers

FOLDER: Final = "site"
TEAMS: Final = "teams"
COMPANY: Final = "company.html"
TRUST: Final = "trust.html"
SIGNALS: Final = "signals.html"
# A year of months to go to; the index has all.
MOST_MONTHS: Final = 12
# Of a table; showback.csv has all.
MOST_ROWS: Final = 500
MOST_FEATURES: Final = 100
MOST_BUDGETS: Final = 50
MOST_BREAK_EVENS: Final = 50


def site_files(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    status: str,
    currency: str,
    teams: Mapping[str, str],
    figures: Figures | None = None,
) -> dict[str, bytes]:
    """By name below the month's folder. `teams`: the name of each team's page, without ending.
    `figures`: what is known of this month and the one before, where they are exported together.

    Pages know the months before theirs and none after it: those of a closed month stay as they are.
    """
    statement = read_statement(figures or Figures(connection, currency), month, status)
    effects = read_effects(connection, statement)
    numbers = Numbers(currency, statement.locale)
    environment = environment_of(numbers, statement.names)
    signals = read_signals(connection, month, status)
    everywhere = {
        "has_signals": not signals.is_empty,
        "months": [known for known in month_statuses(connection) if known <= month][-MOST_MONTHS:],
        "policy": _policy(),
        "style": _asset("style.css"),
        "script": _asset("script.js"),
        "most_budgets": MOST_BUDGETS,
        "most_break_evens": MOST_BREAK_EVENS,
        "most_units": MOST_UNITS,
    }

    def rendered(template: str, **said: Any) -> bytes:
        return environment.get_template(template).render(**everywhere, **said).encode()

    trust = read_trust(connection, statement)
    units = read_units(connection, statement)
    files = {
        COMPANY: rendered(
            "company.html.j2",
            **_company(statement, numbers, effects.get(None, [])),
            margins=read_margins(connection, statement),
            units=units,
        ),
        TRUST: rendered("trust.html.j2", statement=statement, trust=trust, priced_labels=PRICED),
    }
    if not signals.is_empty:
        files[SIGNALS] = rendered(
            "signals.html.j2", statement=statement, signals=signals, ahead=signals.ahead
        )
    of_teams = statements_of_teams(statement)
    own = features_of_one_team(statement)
    for team, name in teams.items():
        if team != UNALLOCATED and team in of_teams:
            said = _team(team, of_teams[team], numbers, effects.get(team, []))
            said["ahead"] = signals.ahead_of(team)
            said["units"] = units.of(team, own.get(team, ()))
            files[f"{TEAMS}/{name}.html"] = rendered("team.html.j2", **said)
    return {f"{FOLDER}/{name}": data for name, data in files.items()}


def rendered_index(company: str, numbers: Numbers, months: Sequence[Any]) -> bytes:
    template = environment_of(numbers).get_template("index.html.j2")
    page = template.render(
        company=company, months=months, policy=_policy(), style=_asset("style.css")
    )
    return page.encode()


def _company(statement: Statement, numbers: Numbers, effects: Rows) -> dict[str, Any]:
    flow = flow_of(statement)
    breakdown = breakdown_of(statement)
    heads = Headlines(statement, numbers)
    shared = _of_any(statement, numbers, effects, ("team", "feature", "tier", "environment"))
    return {
        **shared,
        "breakdown": breakdown,
        "headline": heads.where(breakdown),
        "unit_headline": heads.unit_cost(shared["features"]) if shared["features"] else "",
        "model_headline": heads.models(shared["models"]),
        "tier_headline": heads.tiers(shared["tiers"]),
        "cause_headline": heads.causes(shared["causes"]),
        "wide": placed(flow, (0, 1, 2, 3), (0, 250, 520, 930), 1160, 440),
        "narrow": [
            placed(flow, (1, 2), (88, 178), 358, 260),
            placed(flow, (2, 3), (88, 178), 358, 260),
        ],
    }


def _team(team: str, statement: Statement, numbers: Numbers, effects: Rows) -> dict[str, Any]:
    """Of its own statement: what is not passed cannot be printed."""
    used = {row.owners["feature"] for row in statement.now.rows}
    phases = [line.row["phase"] for line in statement.now.posted]
    return {
        **_of_any(statement, numbers, effects, ("feature", "tier", "environment")),
        "team": team,
        "phase": phases[0] if phases else "showback",
        "misspelt": {
            spelling: owner
            for spelling, owner in statement.names.misspelt.items()
            if spelling in used
        },
    }


def _of_any(
    statement: Statement, numbers: Numbers, effects: Rows, owners: Sequence[str]
) -> dict[str, Any]:
    """What the company's page and a team's have both."""
    bridge = bridge_of(statement, effects)
    heads = Headlines(statement, numbers)
    rows = statement.now.rows[:MOST_ROWS]
    features = features_of(statement)
    return {
        "statement": statement,
        "bridge": bridge,
        "bridge_headline": heads.bridge(bridge) if bridge else "",
        "features": features,
        "most_features": MOST_FEATURES,
        "models": models_of(statement),
        "tiers": tiers_of(statement),
        "causes": causes_of(statement),
        "panels": panels_of(statement, features),
        "rows": rows,
        "more_rows": statement.now.rows[MOST_ROWS:],
        "choices": _choices(rows, owners),
        "row_models": sorted({model for row in rows for model in row.models}),
    }


def _choices(rows: Iterable[Row], owners: Sequence[str]) -> dict[str, list[str]]:
    return {owner: sorted({row.owners[owner] for row in rows}) for owner in owners}


def _asset(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text())


def _policy() -> str:
    style, script = (_hash(_asset(name)) for name in ("style.css", "script.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
