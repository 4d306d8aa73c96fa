"""The logs that clouds write of the calls of their own models."""

import json
from collections.abc import Sequence
from typing import Any

from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call


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
