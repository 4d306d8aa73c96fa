"""What became of an attempt: its status, its place among a call's attempts, its identity."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ingestion.gateways.litellm.record import ErrorInformation, Metadata, Record, text, whole
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import EPOCH

CLIENT_CLOSED: Final = 499
CACHE_HIT_SUFFIX: Final = "_cache_hit"
BATCH_COST_SUFFIX: Final = "_batch_cost"
BATCH_CALLS: Final = frozenset(
    {"aretrieve_batch", "retrieve_batch", "acreate_batch", "create_batch"}
)
# Reading a stored response back is logged with the tokens of the response (BerriAI/litellm#17814).
READ_BACK: Final = frozenset({"aget_responses", "get_responses"})
# Calls that ask no model and so have no usage, but for a batch whose results are read.
MANAGEMENT: Final = re.compile(
    r"(?:\w+_)?(?:retrieve|list|delete|cancel|get|content|upload)(?:_\w+)?"
    r"|a?create_(?:batch|file|fine_tuning_job|assistants|thread|container|sandbox)"
    r"|a?vector_store_(?:create|file_\w+)|\w*add_message|a(?:retrieve|list|delete|cancel|get|upload)_\w+"
)


@dataclass(slots=True)
class Outcome:
    status: str  # success, error, cancelled
    failed: bool  # as LiteLLM says, which calls a client's abort a success
    cache_hit: bool
    http_status: int | None
    error_class: str | None


def outcome(record: Record, metadata: Metadata, error: ErrorInformation) -> Outcome:
    status = text(record.status) or text(metadata.status)
    failed = status != "success" if status else bool(text(record.error_str))
    code = whole(error.error_code)
    http_status = code if code is not None and 100 <= code <= 599 else None
    aborted = http_status == CLIENT_CLOSED
    return Outcome(
        status="cancelled" if aborted else "error" if failed else "success",
        failed=failed,
        # SpendLogs has it as text
        cache_hit=record.cache_hit is True or record.cache_hit in ("True", "true"),
        http_status=http_status,
        error_class=text(error.error_class),
    )


def attempt(record: Record, metadata: Metadata, failed: bool) -> tuple[str, int]:
    """Role and number. Only successes count attempts; a failure logged is a call's first one."""
    if failed:
        return "primary", 1
    headers = record.hidden_params.additional_headers if record.hidden_params else None
    retries = whole(metadata.attempted_retries) or (whole(headers.retries) if headers else 0) or 0
    fallbacks = (
        whole(metadata.attempted_fallbacks) or (whole(headers.fallbacks) if headers else 0) or 0
    )
    role = "fallback" if fallbacks else "retry" if retries else "primary"
    return role, 1 + retries + fallbacks


def request_id(record: Record, logged: bytes) -> str:
    """The id without LiteLLM's cache-hit suffix; some releases leave it empty (#6633)."""
    said = text(record.id) or text(record.litellm_call_id) or f"content-{bytes_hash(logged)}"
    return said.partition(CACHE_HIT_SUFFIX)[0] or said


def is_batch(record: Record, metadata: Metadata) -> bool:
    if text(record.call_type) in BATCH_CALLS:
        return True
    hidden = record.hidden_params
    return bool(metadata.batch_models or (hidden and hidden.batch_models))


def request_key(record: Record, call: str, request: str, ends: Outcome, at: datetime) -> str:
    """The same for one attempt in every sink and replay, different for any two attempts.

    A cache hit has the id of the response it repeats: its call tells hits apart, or, in releases
    without call ids, its start to the millisecond, which is all that Postgres keeps.
    """
    if ends.cache_hit:
        once = text(record.litellm_call_id)
        since = at - EPOCH
        milliseconds = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
        return f"litellm:{call}:{request}:hit" if once else f"litellm:{request}:hit:{milliseconds}"
    if request.startswith("batch_") and (record.prompt_tokens or record.completion_tokens):
        # every look at a finished batch logs its cost again, under a new call
        return f"litellm:batch:{request.removesuffix(BATCH_COST_SUFFIX)}:{ends.status}"
    return f"litellm:{call}:{request}:{ends.status}"
