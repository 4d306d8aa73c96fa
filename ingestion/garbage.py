"""How often a process looks for garbage that refers to itself."""

import gc
from typing import Final

# Python looks at every 700 objects more: a tenth of a small run, for dbt and Dagster make millions
# that live to its end, and a sixth of reading a log, whose records wait for others of their kind.
OBJECTS_PER_COLLECTION: Final = 100_000


def collect_rarely() -> None:
    """To the end of the process: to go back looks through all of it once more."""
    gc.set_threshold(OBJECTS_PER_COLLECTION, *gc.get_threshold()[1:])
