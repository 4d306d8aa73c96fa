"""What reading does without, it does without for a while."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pyarrow as pa
import pytest

from ingestion.process_setup import OBJECTS_PER_COLLECTION, reading


@pytest.fixture
def usual_collections() -> Iterator[None]:
    """Python's own, also where a run of another test has made them rarer."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("usual_collections")
def test_a_process_that_reads_for_a_while_is_as_it_was_afterwards() -> None:
    thresholds, memory = gc.get_threshold(), pa.default_memory_pool().backend_name
    with reading():
        assert gc.get_threshold()[0] == OBJECTS_PER_COLLECTION
        assert pa.default_memory_pool().backend_name == "system"
        read = pa.array(["a", "b"])
    assert gc.get_threshold() == thresholds
    assert pa.default_memory_pool().backend_name == memory
    assert read.to_pylist() == ["a", "b"]


A_WORKER = """
import atexit
atexit.register(print, "taken apart")
from ingestion.process_setup import prepare_worker
prepare_worker()
import pyarrow.parquet
print("read", flush=True)
"""


def test_a_worker_ends_without_taking_apart_what_it_holds() -> None:
    ended = subprocess.run([sys.executable, "-c", A_WORKER], check=True, capture_output=True)
    assert ended.stdout == b"read\n"
