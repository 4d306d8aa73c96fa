"""Results of OpenAI's `organization/usage/*`: disjoint meters of what was used, without money."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError, count, text
from ingestion.bills.lines.charge_row import usage_rows
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.records import Row

# Reports that count one thing: (field, meter).
_SINGLE: Final = {
    "usage_embeddings": ("input_tokens", "input"),
    "usage_moderations": ("input_tokens", "input"),
    "usage_images": ("images", "images"),
    "usage_audio_speeches": ("characters", "characters"),
    "usage_audio_transcriptions": ("seconds", "audio_seconds"),
    "usage_vector_stores": ("usage_bytes", "storage_bytes"),
    "usage_code_interpreter_sessions": ("num_sessions", "code_sessions"),
    "usage_file_search_calls": ("num_requests", "file_searches"),
    "usage_web_search_calls": ("num_requests", "web_searches"),
}


def read_usage(result: Mapping[str, Any], report: str) -> list[Row]:
    """Rows of one result; raises RowError where its meters contradict its totals."""
    if report in _SINGLE:
        field, meter = _SINGLE[report]
        meters = {meter: count(result.get(field), field)}
    elif "input_tokens" in result:
        meters = _token_meters(result)
    else:
        raise RowError("object", "a usage report that is not known")
    requests = result.get("num_model_requests")
    return usage_rows(
        meters,
        None if requests is None else count(requests, "num_model_requests"),
        sub_account_id=text(result.get("project_id"), "project_id"),
        credential_id=text(result.get("api_key_id"), "api_key_id"),
        principal_id=text(result.get("user_id"), "user_id"),
        model=text(result.get("model"), "model"),
        service_tier=_tier(result),
    )


def _tier(result: Mapping[str, Any]) -> str | None:
    if result.get("batch") is True:
        return "batch"
    return served_tier(text(result.get("service_tier"), "service_tier"))


def _token_meters(result: Mapping[str, Any]) -> dict[str, int]:
    """`input_tokens` counts cached and written tokens too; modality splits are of the rest."""

    def tokens(field: str) -> int:
        return count(result.get(field), field)

    cached, written = tokens("input_cached_tokens"), tokens("input_cache_write_tokens")
    fresh = tokens("input_tokens") - cached - written
    if fresh < 0 or result.get("input_uncached_tokens") not in (None, fresh):
        raise RowError("input_tokens", "not the sum of uncached, cached and cache-write tokens")
    audio, image = tokens("input_audio_tokens"), tokens("input_image_tokens")
    audio_out, image_out = tokens("output_audio_tokens"), tokens("output_image_tokens")
    output = tokens("output_tokens") - audio_out - image_out
    if fresh < audio + image or output < 0:
        raise RowError("input_tokens", "fewer than its audio and image tokens")
    return {
        "input": fresh - audio - image,
        "cache_read": cached,
        "cache_write_5m": written,
        "output": output,
        "audio_input": audio,
        "image_input": image,
        "audio_output": audio_out,
        "image_output": image_out,
    }
