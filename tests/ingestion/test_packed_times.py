"""Times that go from a column to MessagePack are what its encoder writes of their datetimes."""

from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contracts import INSTANT
from ingestion.reading.columns.packed_times import MOST, packed_times

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
# half of them whole seconds, which are written shorter
MOMENTS = st.one_of(
    st.none(),
    st.integers(0, MOST * SECOND - 1),
    st.integers(0, MOST - 1).map(SECOND.__mul__),
)


@given(st.lists(MOMENTS, min_size=1, max_size=40), st.integers(0, 2))
def test_times_are_packed_as_their_datetimes_are_encoded(
    moments: list[int | None], start: int
) -> None:
    column = pa.array([None, *moments, None], INSTANT)[start:]
    expected = [
        None if m is None else EPOCH + timedelta(0, 0, m) for m in column.cast("int64").to_pylist()
    ]
    packed = packed_times(column)
    assert packed is not None
    assert list(map(msgspec.msgpack.encode, packed)) == list(map(msgspec.msgpack.encode, expected))


@pytest.mark.parametrize("odd", [-1, MOST * SECOND])
def test_a_time_of_another_form_is_left_to_the_encoder(odd: int) -> None:
    assert packed_times(pa.array([5, odd], INSTANT)) is None
    assert packed_times(pa.array([], INSTANT)) is None
