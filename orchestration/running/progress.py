"""Dagster's log as the `tollbook` command shows it: what the assets say, not Dagster itself."""

import logging
import sys
from typing import Final

import dagster as dg

from orchestration.terminal.escapes import one_line

SAID: Final = "said_by_tollbook"
# Long work says how far it is this often.
PROGRESS_SECONDS: Final = 5.0


def say(log: logging.Logger, text: str, level: int = logging.INFO) -> None:
    """A line of the run's log that also the command shows."""
    log.log(level, text, extra={SAID: True})


class ProgressHandler(logging.Handler):
    """Prints what was said, without Dagster's decoration."""

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, SAID, False):
            text = getattr(record, "dagster_meta", {}).get("orig_message", record.getMessage())
            print(one_line(str(text)), file=sys.stderr, flush=True)


@dg.logger(config_schema={})
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("tollbook")
    logger.setLevel(logging.INFO)
    logger.addHandler(ProgressHandler())
    return logger
