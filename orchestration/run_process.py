"""A process that runs the job: what of others' code it does without."""

from ingestion.process_setup import OBJECTS_OF_A_RUN, collect_rarely, without_pandas
from orchestration.dbt.insides.serializers import make_when_used
from orchestration.running.asked_later import asked_later


def prepare_run() -> None:
    """For the process, before dagster and dbt are imported: a third of the imports."""
    asked_later()
    make_when_used()
    without_pandas()
    # a million objects of classes and functions are made, which all stay
    collect_rarely(OBJECTS_OF_A_RUN)
