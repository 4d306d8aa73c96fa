"""The S3 side of `storage`: the only module that knows boto3.

Credentials and endpoint come from the standard AWS variables and files (AWS_PROFILE,
AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 …).
"""

import hashlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ResponseStreamingError,
)

from ingestion.records import MissingObject, SourceError
from ingestion.storage.stored import Content, ObjectInfo, OpenedObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Small objects wait for the network, not for a core.
CONNECTIONS: Final = 32
# A wrong endpoint must be told within seconds, not after botocore's default minutes.
CLIENT: Final = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=CONNECTIONS,
)
TAKEN: Final = ("PreconditionFailed", "412")
CREATE_ATTEMPTS: Final = 5
BODY_ATTEMPTS: Final = 3
PART: Final = 2**20
# An answer that breaks off in the middle of its body.
CUT: Final = (IncompleteReadError, ResponseStreamingError)
# Of an object; a bucket is asked for by list.
MISSING: Final = ("NoSuchKey", "404")
ADVICE: Final = {
    "NoSuchBucket": "no such bucket: correct the location or create it",
    "NoSuchKey": "no such object: it vanished or was never there",
    "404": "no such object or bucket",
    "AccessDenied": "access denied: give these credentials s3:ListBucket, s3:GetObject (and write)",
    "403": "access denied: give these credentials access to it",
    "InvalidAccessKeyId": "unknown access key: correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "wrong secret key: correct AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the credentials have expired: renew them",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
}


class S3Storage:
    """Objects below a prefix of one bucket. Clients are shared by threads, not by processes."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client | None" = None) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.location = f"s3://{bucket}/{prefix}".rstrip("/")
        with self._explained(self.location):
            self.client = client or boto3.Session().client("s3", config=CLIENT)

    def list(self, *, may_be_missing: bool = False, after: str = "") -> Iterator[ObjectInfo]:
        """S3 lists in the order of UTF-8 bytes, which is Python's order of text."""
        with self._explained(self.location):
            pages = self.client.get_paginator("list_objects_v2")
            place = pages.paginate(Bucket=self.bucket, Prefix=self.prefix)
            if after:
                start = self.prefix + after
                place = pages.paginate(Bucket=self.bucket, Prefix=self.prefix, StartAfter=start)
            for page in place:
                for entry in page.get("Contents", []):
                    name = entry["Key"].removeprefix(self.prefix)
                    if name and not name.endswith("/"):
                        version = entry["ETag"].strip('"')
                        modified = entry["LastModified"]
                        yield ObjectInfo(
                            *(name, entry["Size"], version, modified, version), modified
                        )

    def get(self, name: str) -> Content:
        with self._explained(f"{self.location}/{name}"):
            # botocore tries again until an answer begins, and not when it breaks off
            for _ in range(BODY_ATTEMPTS - 1):
                with suppress(*CUT):
                    return self._got(name)
            return self._got(name)

    def _got(self, name: str) -> Content:
        answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
        return Content(answer["Body"].read(), answer["ETag"].strip('"'))

    @contextmanager
    def open(self, name: str) -> Iterator[OpenedObject]:
        with TemporaryFile() as file:
            with self._explained(f"{self.location}/{name}"):
                answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
                for part in answer["Body"].iter_chunks(PART):
                    file.write(part)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            yield OpenedObject(file, answer["ETag"].strip('"'), f"sha256:{digest}")

    def get_many(self, names: Iterable[str]) -> Iterator[tuple[str, Content]]:
        remaining = iter(names)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            running: deque[tuple[str, Future[Content]]] = deque()
            for name in islice(remaining, CONNECTIONS):
                running.append((name, pool.submit(self.get, name)))
            try:
                while running:
                    name, future = running.popleft()
                    content = future.result()
                    running.extend((n, pool.submit(self.get, n)) for n in islice(remaining, 1))
                    yield name, content
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def put(self, name: str, data: bytes) -> None:
        with self._explained(f"{self.location}/{name}"):
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data)

    def create(self, name: str, data: bytes) -> bool:
        """After a lost answer the retry finds what this very call created: equal bytes."""
        key = self.prefix + name
        with self._explained(f"{self.location}/{name}"):
            for _ in range(CREATE_ATTEMPTS):
                try:
                    self.client.put_object(Bucket=self.bucket, Key=key, Body=data, IfNoneMatch="*")
                    return True
                except ClientError as error:
                    code = error.response["Error"]["Code"]
                    if code in TAKEN:
                        return self.get(name).data == data
                    # two creations at the same moment: S3 asks both to try again
                    if code != "ConditionalRequestConflict":
                        raise
        return False

    def delete(self, name: str) -> None:
        with self._explained(f"{self.location}/{name}"):
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def put_all(self, files: Mapping[str, bytes], gone: Collection[str]) -> None:
        """All but the last at once, without objects that are there with these bytes."""
        held = {info.name: info.version for info in self.list(may_be_missing=True)}
        changed = [name for name, data in files.items() if held.get(name) != _etag(data)]
        last = [name for name in changed if name == list(files)[-1]]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(self.delete, held.keys() & set(gone)))
            list(pool.map(lambda name: self.put(name, files[name]), set(changed) - set(last)))
        for name in last:
            self.put(name, files[name])

    def child(self, path: str) -> "S3Storage":
        return S3Storage(self.bucket, f"{self.prefix}{path.strip('/')}", self.client)

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            message = error.response["Error"].get("Message", "")
            kind = MissingObject if code in MISSING else SourceError
            raise kind(f"{what}: {ADVICE.get(code, f'{code}: {message}')}") from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise SourceError(
                f"{what}: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                " or a profile"
            ) from error
        except CUT as error:
            raise SourceError(
                f"{what}: the answer broke off {BODY_ATTEMPTS} times: check the network, run again"
            ) from error
        except (ConnectionError, HTTPClientError) as error:
            raise SourceError(
                f"{what}: the endpoint cannot be reached: check AWS_ENDPOINT_URL and the network"
            ) from error
        except BotoCoreError as error:
            raise SourceError(f"{what}: {error}") from error


def _etag(data: bytes) -> str:
    """Of an object put whole, where the bucket's encryption does not make it another one."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
