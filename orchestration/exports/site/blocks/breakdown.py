"""The table beside the flow: teams, their features and causes, by provider, now and before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from orchestration.cents.features import FeatureLine
from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.statement import Statement
from orchestration.exports.site.wording.names import Names, cause_of, marked_up, provider_name

# A wide screen has room for so many columns of providers; the rest stand in one.
MOST_PROVIDERS: Final = 4
# Of all teams together; each shows at least so many.
MOST_FEATURES: Final = 600
LEAST_OF_A_TEAM: Final = 2
# Below a team's features stand in this order what joins many, names none, is misspelt, is no use.
MORE, UNNAMED, MISSPELT, CAUSE = 1, 2, 3, 4


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


Lines = Sequence[FeatureLine]


def breakdown_of(statement: Statement) -> Breakdown:
    """Of many teams the dearest features of each; the others of a team stand in one line."""
    now = statement.now.lines
    before = statement.before.lines if statement.before else []
    of_teams: dict[str, tuple[list[FeatureLine], list[FeatureLine]]] = {}
    for lines, place in ((now, 0), (before, 1)):
        for line in lines:
            of_teams.setdefault(line.team, ([], []))[place].append(line)
    providers = _providers(now)
    most = max(LEAST_OF_A_TEAM, MOST_FEATURES // max(len(of_teams), 1))
    found = [
        _team(team, *both, statement.names, providers, most) for team, both in of_teams.items()
    ]
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


def _team(
    team: str, now: Lines, before: Lines, names: Names, providers: Sequence[str], most: int
) -> Team:
    parts: dict[tuple[int, str], tuple[list[FeatureLine], list[FeatureLine]]] = {}
    for lines, place in ((now, 0), (before, 1)):
        for line in lines:
            parts.setdefault(_part(line, names), ([], []))[place].append(line)
    features = sorted(
        (key for key in parts if key[0] == 0),
        key=lambda key: (-sum(line.amount for line in parts[key][0]), key),
    )
    if len(features) > most + 1:
        joined: tuple[list[FeatureLine], list[FeatureLine]] = ([], [])
        for key in features[most:]:
            for place, lines in enumerate(parts.pop(key)):
                joined[place].extend(lines)
        parts[MORE, f"{len(features) - most} more features"] = joined
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
        return (CAUSE, str(line.cause))
    if line.feature in names.misspelt:
        return (MISSPELT, "")
    return (UNNAMED if line.feature == UNALLOCATED else 0, line.feature)


def _label(
    rank: int, name: str, both: tuple[list[FeatureLine], list[FeatureLine]], names: Names
) -> Markup:
    if rank in (CAUSE, MORE):
        return Markup.escape(cause_of(name).name if rank == CAUSE else name)
    if rank == MISSPELT:
        spellings = dict.fromkeys(str(line.feature) for lines in both for line in lines)
        shown = Markup(", ").join(
            Markup("<code>{}</code>").format(marked_up(each)) for each in spellings
        )
        return Markup("Misspelt: {}").format(shown)
    return marked_up(names.feature(name))
