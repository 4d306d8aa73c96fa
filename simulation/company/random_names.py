"""Names made of random letters and digits, as providers and gateways make them."""

from random import Random
from typing import Final

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def word(rng: Random, length: int) -> str:
    return "".join(rng.choices(LETTERS, k=length))


def hex_digits(rng: Random, length: int) -> str:
    return f"{rng.getrandbits(4 * length):0{length}x}"


def uuid_text(digits: str) -> str:
    """32 hex digits in the form of a UUID."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class CallIds:
    """The ids of one company's calls: 60 random bits tell calls apart, a fixed tail the kinds.

    One draw a call keeps the log small once compressed: ids are most of what cannot be.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._call, self._trace, self._response, self._request = (
            f"a{hex_digits(rng, 15)}" for _ in range(4)
        )

    def draw(self) -> str:
        """16 hex digits, the thirteenth a UUID's version 4: the head of all ids of a call."""
        digits = hex_digits(self._rng, 15)
        return f"{digits[:12]}4{digits[12:]}"

    def call_id(self, head: str) -> str:
        return uuid_text(head + self._call)

    def trace_id(self, head: str) -> str:
        return uuid_text(head + self._trace)

    def response_id(self, head: str, provider: str) -> str:
        """The provider's own id; for Claude LiteLLM makes one up."""
        if provider in ("openai", "azure"):
            return f"chatcmpl-{head}{self._response[:13]}"
        if provider == "google":
            return f"{head}{self._response[:8]}"
        return f"chatcmpl-{uuid_text(head + self._response)}"

    def batch_id(self, head: str) -> str:
        return f"batch_{head}{self._response}_batch_cost"

    def provider_request_id(self, head: str, failed: bool) -> str:
        return f"req_{head}{self._request[1:] if failed else self._request}"
