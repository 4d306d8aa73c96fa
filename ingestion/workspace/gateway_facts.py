"""What a gateway's log leaves out and its entry in tollbook.yaml says once, for all its requests.

A value of the record, or of deployments.csv, goes before it. It lands with the reference tables and
not in the requests, so that a changed entry reads no log again.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import yaml

from ingestion.vocabulary import SEEN_FROM
from ingestion.workspace.entries import SECRET_VALUE, Entries

FACTS: Final = (
    *("provider", "account", "sub_account", "credential", "region"),
    *("seen_from", "same_call_seconds"),
)
# How far apart two sources may date one call that they give no common id, and the most of it: what
# is asked of a neighbouring day is its edge (orchestration/warehouse/request_files.py).
SAME_CALL_SECONDS: Final = "2"
MOST_SECONDS: Final = 5
NONE: Final = "none"
# between the globs of `credentials`
SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """`credentials`: globs of the provider keys that the gateway may use; None where the entry says
    nothing, () for `none`: no key that credentials.csv gives to an owner. `seen_from`: where its
    log sees a call, None for where logs of its format do; `same_call_milliseconds`: how far apart
    it and another source may date one call.
    """

    provider: str | None = None
    account: str | None = None
    sub_account: str | None = None
    credentials: tuple[str, ...] | None = None
    region: str | None = None
    seen_from: str | None = None
    same_call_milliseconds: int = int(SAME_CALL_SECONDS) * 1000

    @property
    def credential(self) -> str | None:
        """The key of all its requests, where exactly one is named."""
        if self.credentials and len(self.credentials) == 1 and "*" not in self.credentials[0]:
            return self.credentials[0]
        return None


SILENT: Final = GatewayFacts()


def read_facts(entry: Entries) -> GatewayFacts:
    return GatewayFacts(
        provider=_text(entry, "provider"),
        account=_text(entry, "account"),
        sub_account=_text(entry, "sub_account"),
        credentials=_credentials(entry),
        region=_text(entry, "region"),
        seen_from=entry.choice("seen_from", SEEN_FROM) if entry.given("seen_from") else None,
        same_call_milliseconds=_milliseconds(entry),
    )


def _milliseconds(entry: Entries) -> int:
    text = entry.text("same_call_seconds", SAME_CALL_SECONDS)
    if re.fullmatch(r"[0-9](\.[0-9]{1,3})?", text) and Decimal(text) <= MOST_SECONDS:
        return int(Decimal(text) * 1000)
    if text:
        entry.problem(
            "same_call_seconds",
            f"`same_call_seconds: {text}` is not a number of seconds: write 0 to {MOST_SECONDS}",
        )
    return 0


def _text(entry: Entries, key: str) -> str | None:
    if not entry.given(key):
        return None
    before = len(entry.document.problems)
    text = entry.text(key).strip()
    if not text and len(entry.document.problems) == before:
        entry.problem(key, f"`{key}` is empty: name it, or leave the line out")
    return text or None


def _credentials(entry: Entries) -> tuple[str, ...] | None:
    if "credential" not in entry.nodes:
        return None
    node = entry.nodes["credential"]
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    found = [entry.document.text(each, "`credential`") for each in nodes]
    if None in found:
        return None
    globs = [glob.strip() for glob in found if glob is not None]
    if len(nodes) == 1 and [glob.lower() for glob in globs] == [NONE]:
        return ()
    for problem in _problems(globs, len(nodes)):
        entry.problem("credential", f"`credential`: {problem}")
    return tuple(dict.fromkeys(globs))


def _problems(globs: list[str], given: int) -> list[str]:
    problems = []
    if not given or "" in globs:
        problems.append("is empty: name the keys that the gateway uses, or write `none`")
    if NONE in [glob.lower() for glob in globs]:
        problems.append("`none` stands alone: leave it out, or the keys")
    if any(SECRET_VALUE.match(glob) for glob in globs):
        # the value itself is not repeated: it may be the secret
        problems.append("write the id that the bill shows, never the key itself")
    if any(SEPARATOR in glob for glob in globs):
        problems.append(f"write each key as an item of a list, without `{SEPARATOR}`")
    return problems
