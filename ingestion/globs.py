"""The one kind of glob of reference CSVs and tollbook.yaml: `*` is any text, all else is itself.

`?` and `[` are characters like others. Case counts, as it does in ids; where it must not, both
sides are in lower case before they come here. In SQL it is the macro glob_match.
"""

import re
from functools import cache


@cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """Its fullmatch tells whether a text is like the glob."""
    return re.compile(".*".join(map(re.escape, glob.split("*"))), re.S)


@cache
def glob_meets(first: str, second: str) -> bool:
    """Whether any text matches both; without `*` a glob matches itself only."""
    if not first or not second:
        return not (first + second).replace("*", "")
    if first[0] == "*":
        return glob_meets(first[1:], second) or glob_meets(first, second[1:])
    if second[0] == "*":
        return glob_meets(second, first)
    return first[0] == second[0] and glob_meets(first[1:], second[1:])
