"""One LiteLLM record as one row of the requests contract."""

from datetime import datetime
from typing import Final

import msgspec

from ingestion.gateways.litellm.attributes import litellm_attributes, prompt_version
from ingestion.gateways.litellm.billed import (
    billed_meters,
    gateway_cost,
    is_locally_counted,
    logged_usage,
)
from ingestion.gateways.litellm.facts import (
    not_the_alias,
    operation,
    provider_request_id,
    response_facts,
    response_format,
    service_tier,
    service_tier_asked,
)
from ingestion.gateways.litellm.outcome import (
    Outcome,
    attempt,
    is_batch,
    outcome,
    request_id,
    request_key,
)
from ingestion.gateways.litellm.provider import mapped_model, provider
from ingestion.gateways.litellm.record import (
    ErrorInformation,
    Metadata,
    ModelParameters,
    Record,
    Response,
    text,
    whole,
)
from ingestion.gateways.litellm.usage.iterations import rows_of_iterations
from ingestion.gateways.litellm.usage.usage_object import Usage, read_usage, usage_literal
from ingestion.gateways.litellm.values import claimed_cost, read_times
from ingestion.reading.unreadable import misfit
from ingestion.records import Row

_NO_METADATA: Final = Metadata()
_NO_ERROR: Final = ErrorInformation()
_NO_PARAMETERS: Final = ModelParameters()


def litellm_rows(record: Record, logged: bytes, rank: int) -> list[Row]:
    """One row, and one for each inner call that is billed by itself.

    `rank`: of two sinks' rows of one attempt, the one with more evidence has the higher.
    """
    metadata = record.metadata or _NO_METADATA
    parameters = record.model_parameters or _NO_PARAMETERS
    error = record.error_information or _NO_ERROR
    ends = outcome(record, metadata, error)
    response = response_facts(record.response)
    literal = usage_literal(
        *(metadata.usage_object, metadata.additional_usage_values),
        *(record.usage, response.usage, response.usage_metadata),
    )
    usage = usage_of(literal)
    cost = claimed_cost(record.response_cost)
    meters = billed_meters(record, usage, literal, response, parameters, ends, cost)
    batch = is_batch(record, metadata)
    served = service_tier(usage, response, parameters, batch)
    times = read_times(record)
    row: Row = {
        **identity(record, logged, ends, times["started_at"]),
        "provider_request_id": provider_request_id(record, error),
        **_owner(record, metadata),
        **times,
        **_route(record, metadata, usage, ends),
        "operation": operation(text(record.call_type), batch, meters["provider_total_tokens"]),
        **_attempt(record, metadata, response, ends),
        **meters,
        "tokens_estimated": is_locally_counted(record, usage, literal, ends, meters),
        "service_tier": served,
        "service_tier_asked": service_tier_asked(parameters, record.cost_breakdown, served),
        **_request(record, parameters, response, metadata),
        "cache_layer": "gateway_exact" if ends.cache_hit else "none",
        "gateway_cost": gateway_cost(cost, meters),
        "evidence_rank": rank,
        "raw_usage": logged_usage(record, usage, literal, ends),
        "attributes": litellm_attributes(record, metadata),
    }
    return rows_of_iterations(row, usage.iterations) if meters["provider_total_tokens"] else [row]


def identity(record: Record, logged: bytes, ends: Outcome, started: datetime) -> Row:
    request = request_id(record, logged)
    call = text(record.litellm_call_id) or request
    trace = text(record.trace_id)
    return {
        "request_key": request_key(record, call, request, ends, started),
        "request_id": request,
        "request_id_made": not (text(record.id) or text(record.litellm_call_id)),
        "call_id": call,
        "trace_id": trace,
        # releases leave session_id empty and put the client's session into trace_id
        "session_id": text(record.session_id) or trace,
    }


def _route(record: Record, metadata: Metadata, usage: Usage, ends: Outcome) -> Row:
    return {
        "deployment_id": text(record.model_id),
        "provider": provider(record, metadata, ends.failed),
        "region": _region(record, usage),
        "route": text(metadata.user_api_key_request_route),
    }


def _attempt(record: Record, metadata: Metadata, response: Response, ends: Outcome) -> Row:
    role, number = attempt(record, metadata, ends.failed)
    group, routed = text(record.model_group), text(record.model)
    # a fallback's model group is that of the model it fell back to
    asked = text(metadata.original_model_group) if role == "fallback" else None
    return {
        "model_requested": asked or group,
        "model_routed": routed,
        "model_served": not_the_alias(text(response.model), group, routed),
        "model_mapped": not_the_alias(mapped_model(record, metadata), group, routed),
        "attempt_no": number,
        "attempt_role": role,
        "status": ends.status,
        "http_status": ends.http_status,
        "error_class": ends.error_class,
    }


def _request(
    record: Record, parameters: ModelParameters, response: Response, metadata: Metadata
) -> Row:
    stream = record.stream if record.stream is not None else parameters.stream
    choices = response.choices
    return {
        "stream": stream if isinstance(stream, bool) else None,
        "finish_reason": text(choices[0].finish_reason if choices else response.stop_reason),
        "max_tokens": whole(parameters.max_tokens)
        or whole(parameters.max_completion_tokens)
        or whole(parameters.max_output_tokens),
        "response_format": response_format(parameters.response_format),
        "prompt_version": prompt_version(metadata),
    }


def usage_of(literal: bytes | None) -> Usage:
    try:
        return read_usage(literal)
    except msgspec.ValidationError as error:
        raise misfit(error, "metadata.usage_object") from None


def _owner(record: Record, metadata: Metadata) -> Row:
    return {
        "user_id": text(metadata.user_api_key_user_id),
        "customer_id": text(record.end_user) or text(metadata.user_api_key_end_user_id),
        "gateway_key_id": text(metadata.user_api_key_hash),
        "gateway_key_alias": text(metadata.user_api_key_alias),
        "gateway_team": text(metadata.user_api_key_team_id),
        "gateway_team_alias": text(metadata.user_api_key_team_alias),
    }


def _region(record: Record, usage: Usage) -> str | None:
    geography = text(usage.inference_geo)
    if geography and geography != "not_available":
        return geography
    return text(record.cost_breakdown.vertex_location) if record.cost_breakdown else None
