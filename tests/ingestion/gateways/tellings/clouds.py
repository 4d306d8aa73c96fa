"""The logs that clouds write of the calls of their own models."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.ingestion.gateways.tellings.answers import gemini_usage
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, UNTOLD, Call
from tests.ingestion.gateways.tellings.proxies import HOSTS, PATHS, lines, moment

SUBSCRIPTION: Final = "/subscriptions/6a4749ab-abb4-72a1-e321-06e17dc445bc/resourcegroups/ai"
AZURE_OPERATIONS: Final = {"chat": "ChatCompletions_Create", "embeddings": "Embeddings_Create"}


def bedrock(calls: Sequence[Call]) -> bytes:
    return "\n".join(json.dumps(_invocation(call)) for call in calls).encode()


def _invocation(call: Call) -> dict[str, Any]:
    """Of Converse, whose answer tells the writes of an hour; embeddings are InvokeModel's."""
    chat = call.model.operation == "chat"
    operation = ("ConverseStream" if call.stream else "Converse") if chat else "InvokeModel"
    record: dict[str, Any] = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": f"{call.started:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": "123456789012",
        "identity": {"arn": f"arn:aws:iam::123456789012:user/{call.user}"},
        "region": "us-east-1",
        "requestId": call.uuid,
        "operation": operation,
        "modelId": call.model.name,
        "input": {"inputContentType": "application/json", "inputBodyJson": {}},
        "requestMetadata": {"feature": call.feature, "team": call.team},
    }
    if call.ending == REFUSED:
        return record | {"errorCode": "ThrottlingException"}
    record["output"] = {"outputContentType": "application/json"}
    if call.ending == UNTOLD:
        return record
    record["input"]["inputTokenCount"] = call.of("input")
    if not chat:
        body = {"embedding": [], "inputTextTokenCount": call.of("input")}
        record["output"]["outputBodyJson"] = body
        return record
    counts = {"cacheReadInputTokenCount": "cache_read"}
    record["input"] |= {name: call.of(meter) for name, meter in counts.items()}
    record["input"]["cacheWriteInputTokenCount"] = call.writes
    record["output"] |= {"outputTokenCount": call.of("output"), "outputBodyJson": _converse(call)}
    return record


def _converse(call: Call) -> dict[str, Any]:
    times = {"5m": call.of("cache_write_5m"), "1h": call.of("cache_write_1h")}
    return {
        "stopReason": "end_turn",
        "metrics": {"latencyMs": call.latency_ms},
        "usage": {
            "inputTokens": call.of("input"),
            "outputTokens": call.of("output"),
            "totalTokens": call.prompt + call.of("output"),
            "cacheReadInputTokens": call.of("cache_read"),
            "cacheWriteInputTokens": call.writes,
            "cacheDetails": [{"inputTokens": n, "ttl": ttl} for ttl, n in times.items() if n],
        },
    }


def azure_apim(calls: Sequence[Call]) -> bytes:
    """Rows of both its tables in Log Analytics, joined by their `CorrelationId`."""
    return lines(_apim, calls)


def _apim(call: Call) -> dict[str, Any]:
    """0 where an answer said nothing; a resource log has the cached tokens, a table does not."""
    answered, chat = call.ending != REFUSED, call.model.operation == "chat"
    path = PATHS[call.model.operation].removeprefix("/v1")
    counts = {
        "PromptTokens": call.prompt,
        "PromptCachedTokens": call.of("cache_read"),
        "CompletionTokens": call.of("output"),
        "TotalTokens": call.prompt + call.of("output"),
    }
    return {
        "TimeGenerated": moment(call.started),
        "Type": "ApiManagementGatewayLlmLog",
        "Category": "GatewayLogs",
        "_ResourceId": f"{SUBSCRIPTION}/providers/microsoft.apimanagement/service/acme-ai",
        "CorrelationId": call.own_id("apim"),
        "SequenceNumber": 0,
        "ApimSubscriptionId": "search-prod",
        "UserId": call.user,
        "OperationId": AZURE_OPERATIONS[call.model.operation],
        "BackendUrl": f"https://{HOSTS['azure']}/openai/deployments/prod{path}",
        "RequestId": call.response_id if answered else "",
        "DeploymentName": "prod",
        "ModelName": call.model.name,
        "IsStreamCompletion": call.stream,
        **(counts if chat else counts | {"CompletionTokens": 0}),
        "ResponseCode": call.http_status,
        "TotalTime": call.latency_ms,
        "RequestHeaders": json.dumps({"x-feature": call.feature, "x-team": call.team}),
    }


def azure_diagnostics(calls: Sequence[Call]) -> bytes:
    return lines(_diagnosed, calls)


def _ticks(at: datetime) -> int:
    """.NET's: 100 nanoseconds since the year 1."""
    return (at - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


def _diagnosed(call: Call) -> dict[str, Any]:
    name, _, version = call.model.name.partition("-20")
    properties = {
        "apiName": "Azure OpenAI API version 2024-10-21",
        "requestTime": _ticks(call.started),
        "responseTime": _ticks(call.ended),
        "objectId": call.user,
        "streamType": "Streaming" if call.stream else "Non-Streaming",
        "modelDeploymentName": "prod",
        "modelName": name,
        "modelVersion": f"20{version}" if version else "1",
    }
    return {
        "Tenant": "eastus",
        "time": moment(call.ended),
        "category": "RequestResponse",
        "operationName": AZURE_OPERATIONS[call.model.operation],
        "event": "ShoeboxCallResult",
        "resourceId": f"{SUBSCRIPTION}/providers/microsoft.cognitiveservices/accounts/acme".upper(),
        "correlationId": call.own_id("azure"),
        "durationMs": call.latency_ms,
        "resultSignature": str(call.http_status),
        "location": "eastus",
        "properties": json.dumps(properties),
    }


def vertex(calls: Sequence[Call]) -> bytes:
    return lines(_vertex, calls)


def _vertex(call: Call) -> dict[str, Any]:
    """Logged when it had ended; the last part of a stream has the usage."""
    if call.ending == REFUSED:
        response: Any = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}
    else:
        said = {
            "createTime": call.started.isoformat(),
            "modelVersion": call.model.name,
            "responseId": call.response_id,
        }
        usage = {"usageMetadata": gemini_usage(call)} if call.ending == ANSWERED else {}
        response = [said, said | usage] if call.stream else said | usage
    return {
        "endpoint": "",
        "deployed_model_id": "",
        "logging_time": f"{call.ended:%Y-%m-%d %H:%M:%S.%f} UTC",
        "request_id": str(5374205265901300000 + call.number),
        "model": f"publishers/google/models/{call.model.name}",
        "api_method": "StreamGenerateContent" if call.stream else "GenerateContent",
        "full_request": {"labels": {"feature": call.feature, "team": call.team}},
        "full_response": response,
        "metadata": {"request_latency": call.latency_ms},
    }
