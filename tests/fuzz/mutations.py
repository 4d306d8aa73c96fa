"""Changes of bytes and of structure, drawn from one random generator."""

import copy
import gzip
import json
from random import Random
from typing import Any

import zstandard

from tests.fuzz.corpus import Sample

PROMPT = (
    "PLANTED please summarise the confidential merger of Contoso and Fabrikam for the board, word"
    " by word, and tell nobody that you were asked"
)
# one of a vendor, and one that somebody thought of
SECRET = "sk-PLANTED0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
OWN_SECRET = "sk-my$PLANTED{0123456789}abcdefghijklmnop+qrstuvwxyz/ABCDEF"
# They take the place of these words when the damage is done: half a key has no form to know it by.
PROMPTS = {"@prompt@": PROMPT}
SECRETS = {"@secret@": SECRET, "@own-secret@": OWN_SECRET}
NINES = "9" * 5000
# JSON literals that stand where anything else was expected
LITERALS = [
    *("1e9999999", "-1e999999", NINES, f"0.{NINES}", "1e400", "-1", "1.5", "0", "true", "null"),
    *('""', '"NaN"', '"Infinity"', '"1_0"', '"\\u0000"', '"\\ud800"', '"0,0123"', '"12,5"'),
    *("{}", "[]", '[{"a": [[]]}]', "[" * 5000 + "]" * 5000, '"99999-12-31T00:00:00Z"'),
    *("253402300800", "1e300", '"\\u001b]0;x\\u0007"', '"=cmd|x"', '"' + "x" * 5000 + '"'),
]
HOSTILE_NAMES = ("system_prompt", "user_message", "chat_history", "instructions", "openai_key")


def mutated(sample: Sample, random: Random) -> bytes:
    """One file like the sample, changed in one to four places, compressed now and then."""
    data = sample.data
    if sample.records and random.random() < 0.7:
        records = [_restructured(record, random) for record in sample.records]
        data = "\n".join(records).encode("utf-8", "surrogatepass")
    if not sample.records or random.random() < 0.3:
        for _ in range(random.randint(1, 4)):
            data = _damaged(data, random)
    for word, planted in (PROMPTS | SECRETS).items():
        data = data.replace(word.encode(), planted.encode())
    pack = random.random()
    if pack < 0.05:
        data = gzip.compress(data, mtime=0)
    elif pack < 0.1:
        data = zstandard.compress(data)
    return _damaged(data, random) if pack < 0.05 else data


def _restructured(record: Any, random: Random) -> str:
    record = copy.deepcopy(record)
    replaced: dict[str, str] = {}
    for _ in range(random.randint(0, 3)):
        holder, key = _place(record, random)
        choice = random.random()
        if choice < 0.4:
            mark = f"@{len(replaced)}@"
            holder[key] = mark
            replaced[f'"{mark}"'] = random.choice(LITERALS)
        elif choice < 0.6:
            prompt, secret = "@prompt@", random.choice(list(SECRETS))
            holder[key] = random.choice(
                (prompt, secret, f"Bearer {secret}", [prompt], {"a": prompt})
            )
        elif choice < 0.7 and isinstance(holder, dict):
            holder[random.choice(HOSTILE_NAMES)] = random.choice([*PROMPTS, *SECRETS])
        elif choice < 0.85 and isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key)
        else:
            holder[key] = random.choice(
                ([holder[key]], {"in": holder[key]}, None, str(holder[key]))
            )
    text = json.dumps(record)
    for mark, literal in replaced.items():
        text = text.replace(mark, literal)
    return text


def _place(record: Any, random: Random) -> tuple[Any, Any]:
    """A list or object in the record, and one of its keys."""
    holder: Any = record
    while True:
        key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        inner = holder[key]
        if not inner or not isinstance(inner, dict | list) or random.random() < 0.4:
            return holder, key
        holder = inner


def _damaged(data: bytes, random: Random) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    end = min(len(data), at + random.randint(1, 64))
    match random.randrange(7):
        case 0:
            return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:at] + data[at:end] * 2 + data[end:]
        case 4:
            return data[:at] + random.randbytes(random.randint(1, 16)) + data[at:]
        case 5:
            return data.replace(b"\n", random.choice((b"\r", b"\r\n", b"\n\n", b"")))
        case _:
            return data[:at] + random.choice((b"\0", b'"', b"{", b"]", b",", b"\xff")) + data[at:]
