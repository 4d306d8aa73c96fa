"""On S3 as in folders: the same marts and exports, and one sentence where it cannot be used."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.pipeline.workspaces import (
    assert_same,
    command,
    log_objects,
    run,
    simulated,
)

BUCKET = "company"
# What of a workspace may be on S3; warehouse and marts are local files.
ON_S3 = """
landing: s3://{bucket}/landing
exports: s3://{bucket}/exports
reference: s3://{bucket}/reference
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("local") / "company", 120, 19)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real S3 server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def upload(folder: Path) -> None:
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    files = [*log_objects(folder), *folder.glob("bills/*/*"), *folder.glob("reference/*")]
    for file in files:
        key = file.relative_to(folder).as_posix()
        client.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())


def on_s3(local: Path, folder: Path, bucket: str = BUCKET) -> Path:
    """The local workspace's file, with everything that may be there in a bucket."""
    folder.mkdir()
    text = (local / "tollbook.yaml").read_text()
    text = text.replace("location: ", f"location: s3://{bucket}/")
    (folder / "tollbook.yaml").write_text(text + ON_S3.format(bucket=bucket))
    return folder


# in short: S3 in tests/ingestion/test_storage.py
@pytest.mark.whole
def test_a_company_on_s3_has_the_marts_of_local_folders(
    local: Path, s3: None, tmp_path: Path
) -> None:
    upload(local)
    assert run(local) == []
    folder = on_s3(local, tmp_path / "company")
    assert run(folder) == []
    assert_same(folder, local)
    assert {entry.name for entry in folder.iterdir()} == {
        *(".tollbook", "tollbook.yaml"),
        *("marts.duckdb", "marts.requests", "warehouse.duckdb", "warehouse.duckdb.lock"),
    }
    stored = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="landing/batches/")
    assert [entry["Key"] for entry in stored["Contents"]] == [
        f"landing/batches/{number}" for number in (1, 2, 3)
    ]


def problems(folder: Path) -> list[str]:
    """Of a run on S3 that cannot work: one sentence a source, and one of the reference data."""
    result = command(folder, "run")
    assert result.exit_code == 1
    assert not (folder / "marts.duckdb").exists()
    told = [line for line in str(result.exception).splitlines() if "s3://" in line]
    assert len(told) == 4
    for source in ("reference", "litellm_prod", "openai", "anthropic"):
        assert sum(f"{source}: " in line or f" {source} " in line for line in told) == 1
    return told


def test_a_missing_bucket_is_one_sentence_a_source(local: Path, s3: None, tmp_path: Path) -> None:
    for line in problems(on_s3(local, tmp_path / "company", "no-such-bucket")):
        assert line.endswith(": no such bucket: correct the location or create it")


@pytest.fixture
def strict_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The S3 server checks access keys, and knows none."""
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)


def test_wrong_credentials_are_one_sentence_a_source(
    local: Path, s3: None, strict_server: None, tmp_path: Path
) -> None:
    for line in problems(on_s3(local, tmp_path / "company")):
        assert line.endswith(": unknown access key: correct AWS_ACCESS_KEY_ID")


def test_no_credentials_are_told_with_what_to_set(
    local: Path, s3: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    for variable in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(variable, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for line in problems(on_s3(local, tmp_path / "company")):
        assert ": no credentials: set AWS_ACCESS_KEY_ID" in line
