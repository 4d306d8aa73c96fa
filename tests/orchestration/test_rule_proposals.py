"""`tollbook rules --accept`: what is appended to attribution_rules.csv, whatever it looks like."""

from pathlib import Path

import pytest

from ingestion.reference.conflicts import rule_ties
from ingestion.reference.rows import read_rows
from ingestion.reference.tables import TABLES
from ingestion.storage.objects import open_storage
from orchestration.onboarding.rule_proposals import FILE, Proposal, accept

HEADER = "priority,match,set_feature,set_team,valid_from,valid_to,note"
PROPOSED = [
    {"priority": "1000", "match": match, "set_feature": feature, "set_team": team, "note": "new"}
    for match, feature, team in [
        ('key_alias=say "hi", ann', "Größe, groß", ""),
        ("user=räuber & model_requested=gpt 4", "人事", "hr"),
        ("key_alias=line\nbreak", "-x", ""),
    ]
]


def rules(folder: Path) -> list[tuple[object, ...]]:
    read, wrong = read_rows(TABLES["attribution_rules"], (folder / FILE).read_bytes())
    assert not wrong and not rule_ties(read)
    return [
        tuple(row.values[name] for name in ("match", "set_feature", "set_team")) for row in read
    ]


def expected(proposals: list[Proposal]) -> list[tuple[object, ...]]:
    return [
        (row["match"], row["set_feature"] or None, row["set_team"] or None) for row in proposals
    ]


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\xef\xbb\xbf\r\n",
        HEADER.encode(),
        b"\xef\xbb\xbf" + HEADER.encode() + b'\r\n10,user=a,f,,,,"it\'s ""quoted"", \xc3\xa9"\r\n',
        b" note , match,set_team,set_feature,priority\n,user=a,,f,10",
    ],
)
def test_every_file_keeps_its_lines_and_gets_the_proposals(
    tmp_path: Path, data: bytes | None
) -> None:
    if data is not None:
        (tmp_path / FILE).write_bytes(data)
    before = rules(tmp_path) if data and b"user=a" in data else []
    assert accept(open_storage(str(tmp_path)), PROPOSED) == len(PROPOSED)
    assert rules(tmp_path) == [*before, *expected(PROPOSED)]
    written = (tmp_path / FILE).read_bytes()
    assert (b"\r\n1000," in written) == (b"\r\n" in (data or b"").strip(b"\xef\xbb\xbf\r\n"))


def test_what_is_there_already_is_not_appended_again(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    accept(storage, PROPOSED[:1])
    assert accept(storage, PROPOSED) == len(PROPOSED) - 1
    written = (tmp_path / FILE).read_bytes()
    assert accept(storage, PROPOSED) == 0
    assert (tmp_path / FILE).read_bytes() == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("priority,match,set_feature\n", ":1: has no column set_team, note: add it, empty"),
        (f"{HEADER}\n10,colour=a,f,,,,\n", ":2: match: unknown field `colour`"),
        (f"{HEADER}\n10,user=a,f,,,,\n10,user=a,g,,,,\n", ":3: match: `user=a` ties with line 2"),
    ],
)
def test_a_file_that_cannot_be_appended_to_stays_as_it_is(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match=FILE.replace(".", r"\.")) as raised:
        accept(open_storage(str(tmp_path)), PROPOSED)
    assert said in str(raised.value)
    assert (tmp_path / FILE).read_text() == text
