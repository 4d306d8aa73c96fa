"""Posts to a webhook, whose address is a secret: no sentence, log or file repeats any of it."""

import os
import threading
from collections.abc import Mapping
from typing import Final

# Of a connection or an answer, and of all of it: a server may answer a letter every few seconds.
SECONDS: Final = 5.0
IN_ALL: Final = 10.0


def post(variable: str, body: bytes, headers: Mapping[str, str], in_all: float = IN_ALL) -> str:
    """Why it was not taken; empty where it was."""
    address = os.environ.get(variable, "").strip()
    if not address:
        return f"the webhook's environment variable {variable} is not set"
    if not address.startswith(("https://", "http://")):
        return f"the webhook of {variable} has no address like https://host/path"
    said: list[str] = []
    posting = threading.Thread(
        target=lambda: said.append(_answer(address, body, headers)), daemon=True
    )
    posting.start()
    posting.join(in_all)
    problem = said[0] if said else f"did not answer within {in_all:g} seconds"
    return f"the webhook of {variable} {problem}" if problem else ""


def _answer(address: str, body: bytes, headers: Mapping[str, str]) -> str:
    # 0.2 s of import, for who has something to tell
    import requests

    told = {"Content-Type": "application/json; charset=utf-8", **headers}
    try:
        # what a redirect leads to is not where the company said it may be told
        with requests.post(
            address, data=body, headers=told, timeout=SECONDS, allow_redirects=False, stream=True
        ) as answer:
            return "" if 200 <= answer.status_code < 300 else f"answered {answer.status_code}"
    except requests.Timeout:
        return f"did not answer within {SECONDS:g} seconds"
    except requests.exceptions.SSLError:
        return "has a certificate that is not trusted"
    except Exception:
        # its text has the address; whatever it is, it stops no run
        return "cannot be reached"
