"""Asks with a key: transient failures are retried, every other is a sentence without the key.

A server may do anything: an answer has an end in time and bytes, and its words are masked.
"""

import json
import math
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from ingestion.pulling.limits import Limits
from ingestion.pulling.server_words import MASK, shown
from ingestion.records import SourceError

TIMEOUT: Final = (10, 120)  # seconds to connect, to the next byte
BUSY_ATTEMPTS: Final = 6  # with the waits below about half a minute
UNREACHABLE_ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 120.0
STEP: Final = 64 * 1024  # bytes read at once
# Of an answer that is no page only the words of its error are read.
ERROR_BYTES: Final = 64 * 1024
KEY: Final = re.compile(r"[!-~]+")
# A shorter one may be part of anything.
SHORTEST_KEY: Final = 8
_T = TypeVar("_T")
_backoff = wait_exponential_jitter(initial=1, max=LONGEST_WAIT, jitter=0.5)


def usable_key(key: str, variable: str, what: str) -> str:
    """The key without blanks around it. Raises SourceError where no header can carry it."""
    key = key.strip()
    if not key:
        raise SourceError(f"{variable} is empty: put {what} there")
    if not KEY.fullmatch(key):
        raise SourceError(f"{variable} has characters that no key has")
    return key


class NotOffered(SourceError):
    """The API does not have this report, or not for this key."""


class NotFound(NotOffered):
    """HTTP 404: nothing is there."""


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
class Words:
    """What is said of an answer that only the source can explain."""

    rights: str  # what the key must be
    refused: str  # of HTTP 400


@dataclass(frozen=True, slots=True)
class Question:
    """With a `body`, which is JSON, it is a POST."""

    path: str
    parameters: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str | None
    body: bytes


class Client:
    """One API; `sleep` waits the given seconds between attempts. What it says never has a key."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        keys: Sequence[str],
        sleep: Callable[[float], None],
        limits: Limits,
        words: Words,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = headers
        self._keys = keys
        self._limits = limits
        self._words = words
        self._session = requests.Session()
        self._retrying = Retrying(
            retry=retry_if_exception_type(Transient),
            wait=_wait,
            stop=_enough,
            sleep=sleep,
            reraise=True,
        )

    def ask(self, question: Question, understand: Callable[[bytes], _T]) -> tuple[bytes, _T]:
        """The body of a 200, and what `understand` makes of it; a Transient of it is retried.

        Raises Refused on 400, NotOffered on 403 and 404, SourceError on what stays wrong.
        """

        def once() -> tuple[bytes, _T]:
            body = self._ask_once(question)
            return body, understand(body)

        return self._retrying(once)

    def _ask_once(self, question: Question) -> bytes:
        """The library has no bound on the time of a whole answer: another thread waits for it."""
        url = f"{self._base}/{question.path}"
        seconds = self._limits.page_seconds()
        ended: list[_Answer | Exception] = []
        abandoned = threading.Event()

        def ask() -> None:
            try:
                ended.append(self._answer(url, question, abandoned))
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

    def _answer(self, url: str, question: Question, abandoned: threading.Event) -> _Answer:
        # A redirect would carry the key to another host.
        with self._session.request(
            "GET" if question.body is None else "POST",
            url,
            params=list(question.parameters),
            json=question.body,
            auth=_Headers({**self._headers, **question.headers}),
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
            return self._masked(answer.body)
        said = f"{url} answered HTTP {status}{self._reason(answer)}"
        if status == 400:
            raise Refused(f"{said}: {self._words.refused}")
        if status in (408, 429) or status >= 500:
            raise Transient(
                f"{said}, {BUSY_ATTEMPTS} times: run again later",
                BUSY_ATTEMPTS,
                _retry_after(answer.retry_after),
            )
        rights = f"{said}: {self._words.rights}"
        if status == 401:
            raise SourceError(rights)
        if status == 403:
            raise NotOffered(rights)
        if status == 404:
            raise NotFound(f"{said}: check base_url")
        raise SourceError(f"{said}: check base_url")

    def _masked(self, body: bytes) -> bytes:
        """A page that repeats a key would keep it."""
        for key in self._keys:
            if len(key) >= SHORTEST_KEY:
                body = body.replace(key.encode(), MASK.encode())
        return body

    def _reason(self, answer: _Answer) -> str:
        """The API's own words, short and without the keys it may repeat."""
        words = _message(answer.body)
        for key in self._keys:
            words = shown(words, key)
        return f" ({words})" if words else ""


def _message(body: bytes) -> str:
    """What is wrong, as one of the APIs says it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = said if isinstance(said, dict) else {}
    error, errors = said.get("error"), said.get("errors")
    places = (
        error.get("message") if isinstance(error, dict) else said.get("message"),
        said.get("detail"),
        next(iter(errors), None) if isinstance(errors, list) else None,
        error,
    )
    return next((each for each in places if isinstance(each, str)), "")


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
