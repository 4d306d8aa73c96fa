"""Ctrl-C ends the process with one sentence, also where a library does not let go."""

import atexit
import os
import signal
import sys
import threading
import time
from typing import Final, NoReturn

STATUS: Final = 130
SENTENCE: Final = "interrupted: what was not finished is as it was before, run it again"
# What a command may take to end by itself: Dagster and dbt close what they opened.
PATIENCE_SECONDS: Final = 15.0


def end_interrupted() -> NoReturn:
    """Says so and ends, whatever threads still wait for a database or a server."""
    _say()
    # what dbt asked the system for is given back, else its keeper complains after the process
    atexit._run_exitfuncs()
    os._exit(STATUS)


def end_though_held(patience: float = PATIENCE_SECONDS) -> None:
    """From here on an interrupt ends this process after `patience` seconds at the latest.

    Python runs its handler once the main thread comes back from C, and DuckDB may wait there for
    a query of hours to end. The signal itself is told to a thread of ours at once.
    """
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(told, patience), daemon=True).start()


def _wait(told: int, patience: float) -> None:
    while signal.SIGINT not in os.read(told, 64):
        pass
    time.sleep(patience)
    _say()
    os._exit(STATUS)


def _say() -> None:
    print(SENTENCE, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
