"""Amazon Bedrock's model invocation log as it stands in S3.

`AWSLogs/<account>/BedrockModelInvocationLogs/<region>/<y>/<m>/<d>/<h>/<time>_<hash>.json.gz`, a
record a line. It sees every call of an account and region, whoever made it, and has no price.
Bodies beyond 100 KB lie beside the log in `data/` and are no records, nor is the object by which
Bedrock tries whether it may write.
"""

import re
from typing import Final

from ingestion.gateways.bedrock_invocations.record import invocation
from ingestion.gateways.bedrock_invocations.row import invocation_row
from ingestion.gateways.bedrock_invocations.usage import SEMANTICS
from ingestion.reading.collecting import Collected, logged_text, read_json_records
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
NO_LOG: Final = re.compile(
    r"(?:^|/)(?:data/[^/]+_(?:input|output)\.json(?:\.gz)?|amazon-bedrock-logs-permission-check)$"
)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each record."""
    if NO_LOG.search(name):
        return Parsed(1, {"requests": []}, foreign=1)
    collected = Collected(gateway.named, gateway.limits)
    return read_json_records(logged_text(data, gateway.limits), _row, collected)


def _row(literal: bytes, record_no: int) -> Row:
    return invocation_row(invocation(literal), literal)
