"""Changes of a workspace's sources: the same records elsewhere, or other records."""

import json
import os
import random
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from tests.pipeline.workspaces import log_lines, log_objects, write_files

LOGS = Path("logs") / "litellm" / "litellm" / "prod"
# Amounts keep their literals.
PAGES = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
PAGE = msgspec.json.Encoder(decimal_format="number")


def rearrange_logs(folder: Path, rng: random.Random) -> None:
    """Batches into one-request objects, one-request objects into batches, all under new names."""
    batched: list[str] = []
    for file in log_objects(folder):
        lines = log_lines(file)
        file.unlink()
        if file.suffix == ".json":
            batched += lines
        elif rng.random() < 0.5:
            rng.shuffle(lines)
            write_files(folder / LOGS, {f"{rng.getrandbits(64):x}.jsonl": "\n".join(lines)})
        else:
            names = [f"2026-12-31/{rng.getrandbits(64):x}.json" for _ in lines]
            write_files(folder / LOGS, dict(zip(names, lines, strict=True)))
    rng.shuffle(batched)
    for start in range(0, len(batched), 20):
        text = "\n".join(batched[start : start + 20]) + "\n"
        write_files(folder / LOGS, {f"again/{rng.getrandbits(64):x}.jsonl": text})


def rearrange_bills(folder: Path, rng: random.Random) -> None:
    """A page a day under new names, results in another order, some pages twice."""
    for file in sorted((folder / "bills").rglob("*.json")):
        page = PAGES.decode(file.read_bytes())
        file.unlink()
        for bucket in page["data"]:
            rng.shuffle(bucket["results"])
            more = page["has_more"] or bucket is not page["data"][-1]
            day = {**page, "data": [bucket], "has_more": more, "next_page": "p" if more else None}
            data = PAGE.encode(day)
            for _ in range(rng.randint(1, 2)):
                write_files(file.parent, {f"{rng.getrandbits(64):x}.json": data})


def change_one_byte(folder: Path) -> tuple[str, Decimal]:
    """A digit of what the gateway claims of a request, size and time kept; its id and claim now."""
    plain = [file for file in log_objects(folder) if file.suffix == ".json"]
    claimed = re.compile(r'"response_cost": (0\.\d*)([1-8])(?=, )')
    file, found = next((f, hit) for f in plain if (hit := claimed.search(f.read_text())))
    text, place = file.read_text(), found.start(2)
    digit = str(int(found[2]) + 1)
    _write_in_place(file, text[:place] + digit + text[place + 1 :])
    return json.loads(text)["id"], Decimal(found[1] + digit)


def change_a_count(folder: Path) -> tuple[str, int]:
    """One token more wherever an object tells it, size and time kept; the id and output now."""
    plain = [file for file in log_objects(folder) if file.suffix == ".json"]
    counted = re.compile(
        r'"total_tokens": (\d*[0-8]), "prompt_tokens": \d+,'
        r' "completion_tokens": (\d*[1-7])(?=, "request_tags")'
    )
    file, found = next((f, hit) for f in plain[::-1] if (hit := counted.search(f.read_text())))
    text = changed = file.read_text()
    for name, count in (("total_tokens", found[1]), ("completion_tokens", found[2])):
        changed = changed.replace(f'"{name}": {count}', f'"{name}": {int(count) + 1}')
    _write_in_place(file, changed)
    return json.loads(text)["id"], int(found[2]) + 1


def _write_in_place(file: Path, text: str) -> None:
    """Other content under the same name, size and time."""
    before = file.stat()
    file.write_text(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def write_again(folder: Path, day: str, under: str) -> str:
    """A request of the day logged once more under a new id, in an object of another day."""
    records = (json.loads(line) for file in log_objects(folder) for line in log_lines(file))
    record = next(
        each
        for each in records
        if each["status"] == "success"
        and str(datetime.fromtimestamp(each["startTime"], UTC).date()) == day
    )
    record |= {"id": f"late-{day}", "litellm_call_id": f"late-{day}"}
    write_files(folder / LOGS, {f"{under}/time-00-00-00_late.json": json.dumps(record)})
    return f"late-{day}"


def restate_bill(folder: Path) -> Decimal:
    """One cost line of September, changed in its page; what it was raised by."""
    page = folder / "bills" / "openai" / "costs-01.json"
    text = page.read_text()
    assert '"value":0.2,' in text
    page.write_text(text.replace('"value":0.2,', '"value":0.7,', 1))
    invoices = folder / "reference" / "invoices.csv"
    header, *lines = [line.split(",") for line in invoices.read_text().splitlines()]
    for line in lines:
        row = dict(zip(header, line, strict=True))
        if (row["provider"], row["billing_month"]) == ("openai", "2026-09"):
            line[header.index("amount")] = str(Decimal(row["amount"]) + Decimal("0.50"))
    invoices.write_text("".join(",".join(line) + "\n" for line in [header, *lines]))
    return Decimal("0.5")
