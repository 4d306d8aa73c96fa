from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingestion.bills.cost_api import Api, Pulled


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def pulled(tmp_path: Path) -> Pulled:
    return Pulled(tmp_path)
