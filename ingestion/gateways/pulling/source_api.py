"""What the pull of a format asks of its API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.gateways.pulling.lists import RecordList
from ingestion.pulling.fetching import Client, Words


@dataclass(frozen=True, slots=True)
class SourceApi:
    """`folder`: of the list that is asked first. `base_url`: of what the entry says. `headers`: of
    its keys, by their names there. `lists`: what is asked for, by its options; that may have to
    ask what there is.
    """

    folder: str
    base_url: Callable[[str], str]
    headers: Callable[[Mapping[str, str]], dict[str, str]]
    lists: Callable[[Client, Mapping[str, Any]], tuple[RecordList, ...]]
    words: Words


def below(version: str) -> Callable[[str], str]:
    """The base URL with its version, whether or not who wrote it did."""

    def based(url: str) -> str:
        plain = url.rstrip("/")
        return plain if plain.endswith(version) else f"{plain}{version}"

    return based
