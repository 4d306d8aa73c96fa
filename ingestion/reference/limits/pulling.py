"""Live pull of the limits that stand at a gateway or provider into `limits/<source>/pulled/`.

What an API does not answer in whole replaces what it answered before: a limit that stood yesterday
is not known to stand.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ingestion.pulling.fetching import Client, usable_key
from ingestion.pulling.limits import limits_of_limits
from ingestion.records import SourceError
from ingestion.reference.limits.answers import NoAnswer, read_answers
from ingestion.reference.limits.asked import LIMITS_OF, Asking
from ingestion.reference.limits.standing import FOLDER, NOT_KNOWN, PULLED
from ingestion.storage.objects import Storage
from ingestion.workspace.formats import BILLS, GATEWAYS
from ingestion.workspace.sources import Bill, Gateway

ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def system_of(source: Gateway | Bill) -> str:
    formats = BILLS if isinstance(source, Bill) else GATEWAYS
    return formats[source.format].limits


def ask_limits(
    source: Gateway | Bill, key: str, sleep: Callable[[float], None] = time.sleep
) -> dict[str, bytes]:
    """What stands, as files; raises SourceError, one sentence that never has the key."""
    where = f"limits of {source.name}"
    if source.limits_api is None:
        raise SourceError(f"{where}: it has no `limits_api`: add one")
    system = system_of(source)
    of = LIMITS_OF[system]
    try:
        key = usable_key(key, source.limits_api.key_variable, "the key that reads limits")
        limits = limits_of_limits(source.limits_api.options)
        base = of.base_url(source.limits_api.base_url)
        client = Client(base, of.headers(key), (key,), sleep, limits, of.words)
        said = dict(of.ask(Asking(client, limits)))
        read_answers(system, said)
    except NoAnswer as error:
        raise SourceError(
            f"{where}: {error.path} is no answer about limits ({error}): check base_url"
        ) from None
    except SourceError as error:
        raise SourceError(f"{where}: {error}") from None
    return {name: msgspec.json.format(ENCODER.encode(each)) for name, each in said.items()}


def save_limits(reference: Storage, source: str, said: Mapping[str, bytes]) -> None:
    """In place of what was pulled before; equal answers write nothing."""
    folder = reference.child(f"{FOLDER}/{source}/{PULLED}")
    files = {f"{name}.json": data for name, data in said.items()}
    gone = {info.name for info in folder.list(may_be_missing=True)} - files.keys()
    folder.put_all(files, sorted(gone))


def save_not_known(reference: Storage, source: str, why: str) -> None:
    name = NOT_KNOWN.removeprefix(f"{PULLED}/")
    save_limits(reference, source, {name: ENCODER.encode({"why": why})})
