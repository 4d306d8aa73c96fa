"""Two teams of one name: of a request that says it nothing tells which is meant."""

import itertools
from collections import defaultdict

from ingestion.reference.conflicts import meet_in_time
from ingestion.reference.rows import Problem, ReferenceRow


def name_ties(rows: list[ReferenceRow]) -> list[Problem]:
    """Pairs of different teams whose names are the same, in any case, at one time."""
    named: dict[str, list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        if row.values["team_name"]:
            named[row.values["team_name"].lower()].append(row)
    return [
        (
            second.line,
            f"team_name: `{second.values['team_name']}` is also the name of team"
            f" `{first.values['team_id']}` (line {first.line}) in an overlapping time: requests"
            " that say it could be of either, make one different",
        )
        for group in named.values()
        for first, second in itertools.combinations(group, 2)
        if first.values["team_id"] != second.values["team_id"] and meet_in_time(first, second)
    ]
