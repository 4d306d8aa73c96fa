"""The table beside the flow: teams, their features and causes, by provider, now and before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from orchestration.cents.features import FeatureLine
from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.figures import Statement
from orchestration.exports.site.names import Names, cause_of, marked_up
from orchestration.exports.site.providers import provider_name

# A wide screen has room for so many columns of providers; the rest stand in one.
MOST_PROVIDERS: Final = 4


@dataclass(slots=True)
class Entry:
    """`now` and `before` in cents; `by_provider`: None where nothing is of the provider."""

    label: Markup
    by_provider: list[int | None]
    now: int = 0
    before: int = 0
    is_estimate: bool = False
    is_rest: bool = False


@dataclass(slots=True)
class Team:
    team: str
    total: Entry
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Breakdown:
    columns: Sequence[str]
    teams: Sequence[Team]
    total: Entry


def breakdown_of(statement: Statement) -> Breakdown:
    now = statement.now.lines
    before = statement.before.lines if statement.before else []
    providers = _providers(now)
    teams = dict.fromkeys(line.team for line in (*now, *before))
    found = [_team(team, statement, providers) for team in teams]
    found.sort(key=lambda team: (team.team == UNALLOCATED, -team.total.now, team.team))
    return Breakdown(_columns(providers), found, _entry(Markup("All"), now, before, providers))


def _providers(lines: Iterable[FeatureLine]) -> list[str]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.provider] = sums.get(line.provider, 0) + line.amount
    return sorted(sums, key=lambda provider: (-sums[provider], provider))


def _shown(providers: Sequence[str]) -> Sequence[str]:
    return providers[:MOST_PROVIDERS] if len(providers) > MOST_PROVIDERS + 1 else providers


def _columns(providers: Sequence[str]) -> list[str]:
    shown = _shown(providers)
    return [*map(provider_name, shown), *(["Others"] if len(shown) < len(providers) else [])]


def _entry(
    label: Markup,
    now: Iterable[FeatureLine],
    before: Iterable[FeatureLine],
    providers: Sequence[str],
) -> Entry:
    shown = _shown(providers)
    places = {provider: min(n, len(shown)) for n, provider in enumerate(providers)}
    width = len(shown) + (len(shown) < len(providers))
    entry = Entry(label, [None] * width)
    for line in now:
        place = places[line.provider]
        entry.by_provider[place] = (entry.by_provider[place] or 0) + line.amount
        entry.now += line.amount
        entry.is_estimate |= line.is_estimate
        entry.is_rest |= line.cause is not None
    entry.before = sum(line.amount for line in before)
    return entry


def _team(team: str, statement: Statement, providers: Sequence[str]) -> Team:
    now = [line for line in statement.now.lines if line.team == team]
    earlier = statement.before.lines if statement.before else []
    before = [line for line in earlier if line.team == team]
    names = statement.names
    parts: dict[tuple[int, str], tuple[list[FeatureLine], list[FeatureLine]]] = {}
    for lines, place in ((now, 0), (before, 1)):
        for line in lines:
            parts.setdefault(_part(line, names), ([], []))[place].append(line)
    found = [
        (rank, _entry(_label(rank, name, both, names), *both, providers))
        for (rank, name), both in parts.items()
    ]
    found.sort(key=lambda each: (each[0], -each[1].now, str(each[1].label)))
    total = _entry(marked_up(names.team(team)), now, before, providers)
    return Team(team, total, [entry for _, entry in found])


def _part(line: FeatureLine, names: Names) -> tuple[int, str]:
    """Features, then what names none, what is misspelt, and what no request explains."""
    if line.feature is None:
        return (3, str(line.cause))
    if line.feature in names.misspelt:
        return (2, "")
    return (int(line.feature == UNALLOCATED), line.feature)


def _label(
    rank: int, name: str, both: tuple[list[FeatureLine], list[FeatureLine]], names: Names
) -> Markup:
    if rank == 3:
        return Markup.escape(cause_of(name).name)
    if rank == 2:
        spellings = dict.fromkeys(str(line.feature) for lines in both for line in lines)
        shown = Markup(", ").join(
            Markup("<code>{}</code>").format(marked_up(each)) for each in spellings
        )
        return Markup("Misspelt: {}").format(shown)
    return marked_up(names.feature(name))
