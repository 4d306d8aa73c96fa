"""The files of a month's site: company, trust and a page a team, each whole in itself."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.cents.owners import UNALLOCATED
from orchestration.checks.month_status import month_statuses
from orchestration.exports.site.breakdown import breakdown_of
from orchestration.exports.site.bridge import Rows, bridge_of, read_effects
from orchestration.exports.site.figures import Row, Statement, read_statement
from orchestration.exports.site.flow import flow_of
from orchestration.exports.site.headlines import Headlines
from orchestration.exports.site.names import Names, cause_of, marked_up, plain
from orchestration.exports.site.numbers import Numbers
from orchestration.exports.site.panels import panels_of
from orchestration.exports.site.providers import provider_name
from orchestration.exports.site.sankey import placed
from orchestration.exports.site.tables import causes_of, features_of, models_of, tiers_of
from orchestration.exports.site.trust import PRICED, read_trust

TEMPLATES: Final = Path(__file__).parent / "templates"
FOLDER: Final = "site"
TEAMS: Final = "teams"
COMPANY: Final = "company.html"
TRUST: Final = "trust.html"
# A year of months to go to; the index has all.
MOST_MONTHS: Final = 12


def site_files(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    status: str,
    currency: str,
    teams: Mapping[str, str],
) -> dict[str, bytes]:
    """By name below the month's folder. `teams`: the name of each team's page, without ending.

    Pages know the months before theirs and none after it: those of a closed month stay as they are.
    """
    statement = read_statement(connection, month, status, currency)
    effects = read_effects(connection, statement)
    environment = _environment(Numbers(currency), statement.names)
    shared = {
        "statement": statement,
        "months": [known for known in month_statuses(connection) if known <= month][-MOST_MONTHS:],
        "policy": _policy(),
        "style": _asset("style.css"),
        "script": _asset("script.js"),
    }

    def rendered(template: str, **said: Any) -> bytes:
        return environment.get_template(template).render(**shared, **said).encode()

    trust = read_trust(connection, statement)
    files = {
        f"{FOLDER}/{COMPANY}": rendered("company.html.j2", **_company(statement, effects)),
        f"{FOLDER}/{TRUST}": rendered("trust.html.j2", trust=trust, priced_labels=PRICED),
    }
    for team, name in teams.items():
        if team != UNALLOCATED:
            said = _team(statement, effects, team)
            files[f"{FOLDER}/{TEAMS}/{name}.html"] = rendered("team.html.j2", **said)
    return files


def rendered_index(company: str, numbers: Numbers, months: Sequence[Any]) -> bytes:
    template = _environment(numbers).get_template("index.html.j2")
    page = template.render(
        company=company, months=months, policy=_policy(), style=_asset("style.css")
    )
    return page.encode()


def _environment(numbers: Numbers, names: Names | None = None) -> Environment:
    names = names or Names({}, {})
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"numbers": numbers, "nobody": UNALLOCATED}
    environment.filters |= {
        "money": numbers.money,
        "change": numbers.change,
        "count": numbers.count,
        "millions": numbers.millions,
        "exact": numbers.exact,
        "month": numbers.month,
        "month_alone": numbers.month_alone,
        "day": numbers.day,
        "name": marked_up,
        "plain": plain,
        "team": lambda team: marked_up(names.team(team)),
        "feature": lambda feature: marked_up(names.feature(feature)),
        "provider": provider_name,
        "cause": cause_of,
    }
    return environment


def _company(statement: Statement, effects: Rows) -> dict[str, Any]:
    flow = flow_of(statement)
    heads = Headlines(statement, Numbers(statement.currency))
    bridge = bridge_of(statement, effects)
    breakdown, features = breakdown_of(statement), features_of(statement)
    models, tiers, causes = models_of(statement), tiers_of(statement), causes_of(statement)
    return {
        "breakdown": breakdown,
        "bridge": bridge,
        "bridge_headline": heads.bridge(bridge) if bridge else "",
        "columns": breakdown.columns,
        "headline": heads.where(breakdown),
        "unit_headline": heads.unit_cost(features) if features else "",
        "model_headline": heads.models(models),
        "tier_headline": heads.tiers(tiers),
        "cause_headline": heads.causes(causes),
        "wide": placed(flow, (0, 1, 2, 3), (0, 250, 520, 930), 1160, 440),
        "narrow": [
            placed(flow, (1, 2), (85, 200), 358, 260),
            placed(flow, (2, 3), (85, 200), 358, 260),
        ],
        "features": features,
        "models": models,
        "tiers": tiers,
        "causes": causes,
        "panels": panels_of(statement),
        "rows": statement.now.rows,
        "choices": _choices(statement.now.rows, ("team", "feature", "tier", "environment")),
    }


def _team(statement: Statement, effects: Rows, team: str) -> dict[str, Any]:
    """Of this team alone: what is not passed cannot be printed."""
    rows = [row for row in statement.now.rows if row.owners["team"] == team]
    lines = [line for line in statement.now.posted if line.row["team"] == team]
    earlier = statement.before
    bridge = bridge_of(statement, effects, team)
    heads = Headlines(statement, Numbers(statement.currency))
    return {
        "bridge": bridge,
        "bridge_headline": heads.bridge(bridge) if bridge else "",
        "team": team,
        "posted": lines,
        "phase": statement.phases.get(team, "showback"),
        "is_estimate": any(line.is_estimate for line in statement.now.lines if line.team == team),
        "misspelt": {
            spelling: owner
            for spelling, owner in statement.names.misspelt.items()
            if any(row.owners["feature"] == spelling for row in rows)
        },
        "total": sum(line.amount for line in statement.now.lines if line.team == team),
        "before": None
        if earlier is None
        else sum(line.amount for line in earlier.lines if line.team == team),
        "features": features_of(statement, team),
        "models": models_of(statement, team),
        "tiers": tiers_of(statement, team),
        "causes": causes_of(statement, team),
        "panels": panels_of(statement, team),
        "rows": rows,
        "choices": _choices(rows, ("feature", "tier", "environment")),
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
