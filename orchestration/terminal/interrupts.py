"""How the process ends: by Ctrl-C with one sentence, also where a library does not let go."""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

STATUS: Final = 130
UNHEARD: Final = 120
SENTENCE: Final = "interrupted: what was not finished is as it was before, run it again"
T = TypeVar("T")


def end_interrupted() -> NoReturn:
    """Says so and ends, whatever threads still wait for a database or a server."""
    print(SENTENCE, file=sys.stderr)
    end_process(STATUS)


def end_process(status: int) -> NoReturn:
    """Ends without a last look for garbage: Python's takes a second or more after a run."""
    # what dbt asked the system for is given back, temporary folders go
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # nobody listens any more: as Python says it
        status = UNHEARD
    os._exit(status)


def interruptible(work: Callable[[], T]) -> T:
    """What `work` gives or raises, on a thread: an interrupt reaches this one at once.

    DuckDB, interrupted in the main thread, may wait there without end for a query that does not
    stop, and lets no other thread run meanwhile.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
