"""The lock as Dagster's runs hold it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from orchestration.running.lock import hold
from orchestration.running.progress import say


class RunLock(dg.ConfigurableResource):
    """Held from before the first step of a run until after its last."""

    path: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RunLock"]:
        log = context.log or logging.getLogger("dagster")
        what = f"run {context.run.run_id}" if context.run else "a run"
        with hold(Path(self.path), what, lambda text: say(log, text)):
            yield self
