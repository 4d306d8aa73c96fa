"""What users of gateways and bills reported: logs that know less than the bill, ids that lie, sinks
that disagree, tiers that were asked for, and tools that are counted like tokens.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from simulation.bills.ledger import OtherCharge
from simulation.company.provider_prices import METERS, PICO, UnitPrices, dollars
from simulation.faults.company import Company, Event, Record, Shortage, negative
from simulation.faults.finding import Finding
from simulation.faults.reference import add_prices
from simulation.traffic.attempt import Tokens

KEYLESS_DAYS: Final = (3, 4)
# before the days that the new reports tell: in these a key has no two speeds in one period
FAST_DAYS: Final = (4, 5)
FAST_TIMES: Final = 6
SEARCH_PICO: Final = PICO // 100
SECOND_PICO: Final = 100_000_000  # 0.006 a minute
SECONDS: Final = 137
REKEYED_SHARE: Final = 0.15
SPENDLOGS: Final = "spendlogs.jsonl"


def keyless_log(company: Company, rng: Random) -> Finding:
    """Requests whose record names no deployment, beside another team's key on the same bill."""
    used = company.deployment("claude-haiku-4-5", "prod")
    events = [
        event
        for event in company.visible(days=KEYLESS_DAYS)
        if event.attempt.deployment is used and event.attempt.service_tier == "standard"
    ]
    for event in events:
        event.edits.append(_without_deployment)
    # none of those whose requests they are: it could be theirs as well
    team = "lab"
    lab = replace(used, deployment_id="lab", credential_id="apikey_lab")
    shortages = []
    for place in KEYLESS_DAYS:
        tokens = (rng.randint(10_000, 40_000), 0, 0, 0, rng.randint(1000, 4000))
        pico = company.meter(lab, "standard", company.day(place), tokens)
        shortages.append(Shortage(lab, company.day(place), pico, team))
    company.shortages += shortages
    company.edits.append(_owned_key("anthropic", lab.credential_id, team))
    return Finding(
        f"{len(events)} records name no deployment; a key of team {team} is on the bill alone",
        shortages=shortages,
    )


def _without_deployment(record: Record) -> None:
    record["model_id"] = None
    record["hidden_params"]["model_id"] = None


def _owned_key(source: str, key: str, team: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        file = folder / "reference" / "credentials.csv"
        with file.open(newline="") as lines:
            columns = next(csv.reader(lines))
        row = dict.fromkeys(columns, "") | {"source": source, "credential_id": key, "team_id": team}
        with file.open("a", newline="") as lines:
            csv.DictWriter(lines, columns, lineterminator="\n").writerow(row)

    return write


def reused_ids(company: Company, rng: Random) -> Finding:
    """A client sends the same call id with every request (BerriAI/litellm#35563)."""
    events = company.visible(days=(10, 13))
    for event in events[::3]:
        event.edits.append(_with_a_reused_id)
    return Finding(f"{len(events[::3])} requests have one call id and one response id")


def _with_a_reused_id(record: Record) -> None:
    record["id"] = record["litellm_call_id"] = record["trace_id"] = "nightly-job"


def two_sinks_rekeyed(company: Company, rng: Random) -> Finding:
    """The database has rows of the same requests: other ids, times to the millisecond."""
    # a row of the table says less than the object: of these only what both say
    events = [
        event
        for event in company.visible()
        if not event.late and not event.copies and not event.edits
    ]
    chosen = rng.sample(events, round(len(events) * REKEYED_SHARE))
    ids = {json.loads(company.log.line(event.attempt))["id"] for event in chosen}
    company.edits.append(_write_rows(ids))
    return Finding(
        f"{len(chosen)} requests are in LiteLLM's database too: other ids, times in milliseconds",
        signs=("duplicates",),
    )


def _write_rows(ids: set[str]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for day in sorted((folder / "logs").iterdir()):
            rows = []
            for file in sorted(day.glob("batch.jsonl")):
                records = map(json.loads, file.read_text().splitlines())
                rows += [_spendlogs_row(record) for record in records if record["id"] in ids]
            if rows:
                (day / SPENDLOGS).write_text("".join(json.dumps(row) + "\n" for row in rows))

    return write


def _spendlogs_row(record: Record) -> dict[str, Any]:
    metadata = record["metadata"]
    return {
        "request_id": f"row-{record['id'][::-1]}",
        "call_type": record["call_type"],
        "api_key": metadata["user_api_key_hash"],
        "spend": record["response_cost"],
        **{name: record[name] for name in ("total_tokens", "prompt_tokens", "completion_tokens")},
        **{name: _milliseconds(record[name]) for name in ("startTime", "endTime")},
        "completionStartTime": _milliseconds(record["completionStartTime"]),
        **{name: record[name] for name in ("model", "model_id", "model_group", "end_user")},
        "custom_llm_provider": record["custom_llm_provider"],
        "api_base": record["api_base"],
        "user": metadata["user_api_key_user_id"],
        "team_id": metadata["user_api_key_team_id"],
        "metadata": json.dumps(metadata | {"status": "success"}),
        "cache_hit": "False",
        "request_tags": json.dumps(record["request_tags"]),
        "session_id": record["session_id"],
        "status": "success",
        "messages": "{}",
        "response": "{}",
    }


def _milliseconds(epoch_seconds: float) -> str:
    moment = datetime.fromtimestamp(epoch_seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def tier_asked(company: Company, rng: Random) -> Finding:
    """Clients ask for `flex` and `auto`, are served and billed as standard, and no body says so."""
    events = [
        event
        for event in company.visible(days=(2, 6))
        if event.attempt.deployment.model == "gpt-4o" and event.attempt.service_tier == "standard"
    ]
    for number, event in enumerate(events):
        event.edits.append(_asking_for("auto" if number % 2 else "flex"))
    return Finding(f"{len(events)} requests ask for `flex` or `auto` and are billed as standard")


def _asking_for(tier: str) -> Callable[[Record], None]:
    def edit(record: Record) -> None:
        record["model_parameters"]["service_tier"] = tier

    return edit


def fast_mode(company: Company, rng: Random) -> Finding:
    """Requests of a model in fast mode: both reports and the log have `speed`."""
    events = [
        event
        for event in company.visible(days=FAST_DAYS)
        if event.attempt.deployment.model == "claude-opus-4-5"
        and event.attempt.service_tier == "standard"
        and not event.attempt.stream
    ][::2]
    for event in events:
        attempt = event.attempt
        company.meter(attempt.deployment, "standard", event.day, negative(attempt.metered))
        _bill_fast(company, event, attempt.metered)
        event.edits.append(_fast)
    company.edits.append(_write_fast_prices(events))
    company.page_edits.append(_tell_speed)
    return Finding(f"{len(events)} requests of claude-opus-4-5 run in fast mode, six times as dear")


def _bill_fast(company: Company, event: Event, tokens: Tokens) -> None:
    attempt = event.attempt
    cell = company.ledger.cell(attempt.usage_day, attempt.deployment, "fast")
    cell.prices = _times(event.prices, FAST_TIMES)
    company.ledger.meter(cell, tokens, 1)
    event.is_fast = True
    event.prices = cell.prices
    event.costs = _times(event.costs, FAST_TIMES)


def _times(amounts: UnitPrices, factor: int) -> UnitPrices:
    fresh, read, write_5m, write_1h, out = (amount * factor for amount in amounts)
    return fresh, read, write_5m, write_1h, out


def _fast(record: Record) -> None:
    record["metadata"]["usage_object"]["speed"] = "fast"


def _write_fast_prices(events: list[Event]) -> Callable[[Path], None]:
    prices = zip(METERS, events[0].prices, strict=True)
    lines = [
        f"anthropic,claude-opus-4-5,{meter},fast,0,{dollars(price * 10**6)},,"
        for meter, price in prices
    ]
    return lambda folder: add_prices(folder, lines)


def _tell_speed(provider: str, pages: Path) -> None:
    """The simulation's tier `fast` as Anthropic says it: another speed of the standard tier."""
    if provider != "anthropic":
        return
    for file in pages.glob("*.json"):
        page = json.loads(file.read_text())
        for bucket in page["data"]:
            for row in bucket["results"]:
                row["speed"] = "fast" if row["service_tier"] == "fast" else "standard"
                if row["speed"] == "fast":
                    row["service_tier"] = "standard"
                    if "description" in row:
                        row["description"] += " (Fast Mode)"
        file.write_text(json.dumps(page))


def searches_and_seconds(company: Company, rng: Random) -> Finding:
    """Web searches of two features on one line of the bill, and audio billed by the second."""
    used = company.deployment("gpt-4o", "product")
    events = [
        event
        for event in company.visible(days=(9,))
        if event.attempt.deployment is used and event.attempt.service_tier == "standard"
    ][:12]
    for number, event in enumerate(events):
        count = 1 + number % 3
        event.edits.append(_searching(count))
        event.tool_cost += count * SEARCH_PICO
    searches = sum(1 + number % 3 for number in range(len(events)))
    _line(company, 9, "web search tool calls", searches, "requests", searches * SEARCH_PICO)
    spoken = [
        event
        for event in company.visible(days=(1,))
        if event.attempt.deployment is used
        and event.attempt.service_tier == "standard"
        and not event.attempt.stream
    ][:5]
    seconds = 0
    for number, event in enumerate(spoken):
        event.edits.append(_transcribing(SECONDS + number))
        company.meter(used, "standard", event.day, negative(event.attempt.metered))
        event.costs, event.model = (0, 0, 0, 0, 0), "whisper-1"
        event.tool_cost += (SECONDS + number) * SECOND_PICO
        seconds += SECONDS + number
    _line(company, 1, "whisper-1, audio", seconds, "duration_seconds", seconds * SECOND_PICO)
    return Finding(f"{searches} web searches of {len(events)} requests, {seconds} seconds of audio")


def _line(company: Company, place: int, words: str, quantity: int, unit: str, pico: int) -> None:
    product = company.deployment("gpt-4o", "product").sub_account
    charge = OtherCharge(company.day(place), product, words, quantity, unit, pico)
    company.ledger.other_charges.append(charge)


def _searching(count: int) -> Callable[[Record], None]:
    def edit(record: Record) -> None:
        calls = [{"type": "web_search_call", "status": "completed"}] * count
        record["response"] = {"output": [*calls, {"type": "message"}]}

    return edit


def _transcribing(seconds: int) -> Callable[[Record], None]:
    def edit(record: Record) -> None:
        record["call_type"] = "atranscription"
        record["model"] = record["model_group"] = "whisper-1"
        record["hidden_params"]["litellm_model_name"] = "openai/whisper-1"
        record["model_map_information"] = None
        record |= dict.fromkeys(("total_tokens", "prompt_tokens", "completion_tokens"), 0)
        record["metadata"]["usage_object"] = {
            **dict.fromkeys(("total_tokens", "prompt_tokens", "completion_tokens"), 0),
            "type": "duration",
            "seconds": seconds,
        }

    return edit
