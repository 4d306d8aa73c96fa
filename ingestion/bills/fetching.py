"""GET with a key: transient failures are retried, every other one is a sentence without the key."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from ingestion.records import SourceError

TIMEOUT: Final = (10, 120)  # seconds to connect, to the next byte
BUSY_ATTEMPTS: Final = 6  # with the waits below about half a minute
UNREACHABLE_ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 120.0
_backoff = wait_exponential_jitter(initial=1, max=LONGEST_WAIT, jitter=0.5)


class Refused(SourceError):
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


class Client:
    """One API; `sleep` waits the given seconds between attempts."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str], key: str, sleep: Callable[[float], None]
    ) -> None:
        self._base = base_url.rstrip("/")
        self._auth = _Headers(headers)
        self._key = key
        self._session = requests.Session()
        self._retrying = Retrying(
            retry=retry_if_exception_type(Transient),
            wait=_wait,
            stop=_enough,
            sleep=sleep,
            reraise=True,
        )

    def get(self, path: str, parameters: Sequence[tuple[str, str]]) -> bytes:
        """The body of a 200. Raises Refused on 400, SourceError on what stays wrong."""
        return self._retrying(self._get_once, path, parameters)

    def _get_once(self, path: str, parameters: Sequence[tuple[str, str]]) -> bytes:
        url = f"{self._base}/{path}"
        try:
            # A redirect would carry the key to another host.
            response = self._session.get(
                url,
                params=list(parameters),
                auth=self._auth,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ):
            # The library's text may quote the request, headers included.
            message = f"{url} cannot be reached or broke off: check base_url and the network"
            raise Transient(message, UNREACHABLE_ATTEMPTS) from None
        except (requests.RequestException, ValueError):
            raise SourceError(f"{url} cannot be asked: check base_url") from None
        return self._body(url, response)

    def _body(self, url: str, response: requests.Response) -> bytes:
        status = response.status_code
        if status == 200:
            return response.content
        said = f"{url} answered HTTP {status}{self._reason(response)}"
        if status == 400:
            raise Refused(f"{said}: the request was refused with every grouping it may have")
        if status == 429 or status >= 500:
            raise Transient(
                f"{said}, {BUSY_ATTEMPTS} times: run again later",
                BUSY_ATTEMPTS,
                _retry_after(response.headers.get("Retry-After")),
            )
        if status in (401, 403):
            raise SourceError(f"{said}: the key must be an admin key that may read usage and cost")
        raise SourceError(f"{said}: check base_url")

    def _reason(self, response: requests.Response) -> str:
        """The API's own words, short and without the key it may repeat."""
        try:
            message = json.loads(response.content)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            return ""
        words = " ".join(str(message).replace(self._key, "***").split())
        return f" ({words[:200]})" if words else ""


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait: the header has seconds or a date."""
    if header is None:
        return None
    try:
        return max(float(header), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


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
