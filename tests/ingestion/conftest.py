from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ingestion.landing.landing import Landing
from ingestion.storage.objects import open_storage
from ingestion.workspace import formats
from ingestion.workspace.sources import Gateway
from tests.ingestion import readers


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(
    s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """A bucket of a real S3 server, named after the test."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"b-{abs(hash(request.node.nodeid)):x}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def tiny_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats of the landing's tests: one request a line, one charge a list entry."""
    monkeypatch.setattr(formats, "gateway_reader", lambda log_format: readers)
    monkeypatch.setattr(formats, "bill_reader", lambda bill_format: readers)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def gateway(logs: Path, tiny_readers: None) -> Gateway:
    return Gateway("prod", "lines", str(logs), {})


@pytest.fixture(params=["local", "s3"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Landing:
    if request.param == "local":
        return Landing(open_storage(str(tmp_path / "landing")))
    return Landing(open_storage(f"s3://{request.getfixturevalue('bucket')}/landing"))
