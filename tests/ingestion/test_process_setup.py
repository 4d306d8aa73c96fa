"""What reading does without, it does without for a while."""

import gc

import pyarrow as pa

from ingestion.process_setup import OBJECTS_PER_COLLECTION, reading


def test_a_process_that_reads_for_a_while_is_as_it_was_afterwards() -> None:
    thresholds, memory = gc.get_threshold(), pa.default_memory_pool().backend_name
    with reading():
        assert gc.get_threshold()[0] == OBJECTS_PER_COLLECTION
        assert pa.default_memory_pool().backend_name == "system"
        read = pa.array(["a", "b"])
    assert gc.get_threshold() == thresholds
    assert pa.default_memory_pool().backend_name == memory
    assert read.to_pylist() == ["a", "b"]
