"""Arrow does without pandas until somebody asks it for a frame, readers without numpy."""

import subprocess
import sys
from pathlib import Path

import pytest

LISTS_THEN_A_FRAME = """
import sys
from ingestion.process_setup import without_pandas
without_pandas()
import pyarrow as pa
table = pa.table({"counted": pa.array([1, 2])})
assert "pandas" not in sys.modules
frame = table.to_pandas()
assert "pandas" in sys.modules
assert pa.Table.from_pandas(frame).equals(table)
assert pa.array(frame["counted"]).to_pylist() == [1, 2]
without_pandas()
"""


def test_lists_need_no_pandas_and_a_frame_still_gets_it() -> None:
    pytest.importorskip("pandas")
    subprocess.run([sys.executable, "-c", LISTS_THEN_A_FRAME], check=True)


A_READER = """
import sys
from ingestion.process_setup import prepare_reader
prepare_reader()
import ingestion.landing.chunks
import ingestion.gateways.litellm.reader
import ingestion.gateways.generic.reader
import pyarrow as pa, pyarrow.compute as pc
from ingestion.contracts import INSTANT
assert pc.sum(pa.array([1, 2])).as_py() == 3
[moment] = pa.array([1], INSTANT).to_pylist()
assert moment.microsecond == 1 and moment.utcoffset() is not None
assert not {"numpy", "pandas"} & set(sys.modules), sorted(sys.modules)
"""


def test_a_process_that_reads_imports_no_numpy() -> None:
    subprocess.run([sys.executable, "-c", A_READER], check=True)


A_LOAD = """
import sys
from pathlib import Path
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.workspace.sources import Gateway
folder = Path(sys.argv[1])
(folder / "log").mkdir()
gateway = Gateway("proxy", "litellm", str(folder / "log"), {})
assert load_gateway(gateway, open_landing(str(folder / "landing"))).objects_seen == 0
assert "ingestion.gateways.litellm.reader" in sys.modules
assert "pandas" not in sys.modules
"""


def test_a_load_imports_its_reader_without_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    subprocess.run([sys.executable, "-c", A_LOAD, str(tmp_path)], check=True)
