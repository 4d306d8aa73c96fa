"""GET with a key: transient failures are retried, every other one is a sentence without the key.

A server may do anything: an answer has an end in time and bytes, and its words are masked.
"""

import json
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from ingestion.bills.pulling.limits import Limits
from ingestion.bills.pulling.server_words import MASK, shown
from ingestion.records import SourceError

TIMEOUT: Final = (10, 120)  # seconds to connect, to the next byte
BUSY_ATTEMPTS: Final = 6  # with the waits below about half a minute
UNREACHABLE_ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 120.0
STEP: Final = 64 * 1024  # bytes read at once
# Of an answer that is no page only the words of its error are read.
ERROR_BYTES: Final = 64 * 1024
# A shorter one may be part of anything.
SHORTEST_KEY: Final = 8
_T = TypeVar("_T")
_backoff = wait_exponential_jitter(initial=1, max=LONGEST_WAIT, jitter=0.5)


class NotOffered(SourceError):
    """The API does not have this report, or not for this key."""


class Refused(NotOffered):
    """HTTP 400: the API does not take these parameters."""


class Transient(SourceError):
    """Worth another attempt."""

    def __init__(self, message: str, attempts: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.retry_after = retry_after


class _Headers(AuthBase):
    """The key as `auth`: requests would replace a plain header by what a .netrc says."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str | None
    body: bytes


class Client:
    """One API; `sleep` waits the given seconds between attempts."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        key: str,
        sleep: Callable[[float], None],
        limits: Limits,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = headers
        self._key = key
        self._limits = limits
        self._session = requests.Session()
        self._retrying = Retrying(
            retry=retry_if_exception_type(Transient),
            wait=_wait,
            stop=_enough,
            sleep=sleep,
            reraise=True,
        )

    def get(
        self,
        path: str,
        parameters: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        understand: Callable[[bytes], _T],
    ) -> tuple[bytes, _T]:
        """The body of a 200, and what `understand` makes of it; a Transient of it is retried.

        Raises Refused on 400, NotOffered on 403 and 404, SourceError on what stays wrong.
        """

        def once() -> tuple[bytes, _T]:
            body = self._get_once(f"{self._base}/{path}", parameters, headers)
            return body, understand(body)

        return self._retrying(once)

    def _get_once(
        self, url: str, parameters: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> bytes:
        """The library has no bound on the time of a whole answer: another thread waits for it."""
        seconds = self._limits.page_seconds()
        ended: list[_Answer | Exception] = []
        abandoned = threading.Event()

        def ask() -> None:
            try:
                ended.append(self._ask(url, parameters, headers, abandoned))
            except (
                Exception
            ) as error:  # of whatever kind, it is told where the answer is waited for
                ended.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(seconds)
        abandoned.set()
        if not ended:
            raise self._limits.slow(url)
        answer = ended[0]
        if isinstance(answer, Exception):
            raise _told(url, answer) from None
        self._limits.count(len(answer.body))
        return self._body(url, answer)

    def _ask(
        self,
        url: str,
        parameters: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        abandoned: threading.Event,
    ) -> _Answer:
        # A redirect would carry the key to another host.
        with self._session.get(
            url,
            params=list(parameters),
            auth=_Headers({**self._headers, **headers}),
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            whole = response.status_code == 200
            body = bytearray()
            for part in response.iter_content(STEP):
                body += part
                if abandoned.is_set() or (not whole and len(body) >= ERROR_BYTES):
                    break
                self._limits.check_page(url, len(body))
            retry_after = response.headers.get("Retry-After")
            return _Answer(response.status_code, retry_after, bytes(body))

    def _body(self, url: str, answer: _Answer) -> bytes:
        status = answer.status
        if status == 200:
            # a page that repeats the key would keep it
            known = len(self._key) >= SHORTEST_KEY
            return answer.body.replace(self._key.encode(), MASK.encode()) if known else answer.body
        said = f"{url} answered HTTP {status}{self._reason(answer)}"
        if status == 400:
            raise Refused(f"{said}: the request was refused with every grouping it may have")
        if status == 429 or status >= 500:
            raise Transient(
                f"{said}, {BUSY_ATTEMPTS} times: run again later",
                BUSY_ATTEMPTS,
                _retry_after(answer.retry_after),
            )
        rights = f"{said}: the key must be an admin key that may read usage and cost"
        if status == 401:
            raise SourceError(rights)
        if status == 403:
            raise NotOffered(rights)
        if status == 404:
            raise NotOffered(f"{said}: check base_url")
        raise SourceError(f"{said}: check base_url")

    def _reason(self, answer: _Answer) -> str:
        """The API's own words, short and without the key it may repeat."""
        try:
            message = json.loads(answer.body)["error"]["message"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""
        words = shown(message, self._key) if isinstance(message, str) else ""
        return f" ({words})" if words else ""


def _told(url: str, error: Exception) -> SourceError:
    """The library's text may quote the request, headers included."""
    if isinstance(error, SourceError):
        return error
    broken = (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
        requests.exceptions.ContentDecodingError,
    )
    if isinstance(error, broken):
        message = f"{url} cannot be reached or broke off: check base_url and the network"
        return Transient(message, UNREACHABLE_ATTEMPTS)
    return SourceError(f"{url} cannot be asked ({type(error).__name__}): check base_url")


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait: the header has seconds or a date; None where it has neither."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _until(header)
    return None if math.isnan(seconds) else max(seconds, 0.0)


def _until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.nan


def _failure(state: RetryCallState) -> Transient | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Transient) else None


def _wait(state: RetryCallState) -> float:
    failure = _failure(state)
    if failure is None or failure.retry_after is None:
        return _backoff(state)
    return min(failure.retry_after, LONGEST_WAIT)


def _enough(state: RetryCallState) -> bool:
    failure = _failure(state)
    return failure is None or state.attempt_number >= failure.attempts
