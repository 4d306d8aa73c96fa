"""Arrow schemas of what lands: the contract between every reader and dbt.

One row of `REQUESTS` is one attempt that a provider could bill; retries and fallbacks are rows of
one call. A column is NULL where a source lacks it. Money is decimal USD-like units with 12 places,
never a float; token meters are disjoint whole numbers; times are UTC microseconds.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pyarrow as pa

from ingestion.vocabulary import METERS

# As it was in every release: of landed files with fewer places and with these DuckDB reads all with
# the fewer ones.
MONEY: Final = pa.decimal128(38, 12)
QUANTITY: Final = pa.decimal128(38, 6)
INSTANT: Final = pa.timestamp("us", tz="UTC")
# The last place of MONEY, and what it cannot hold.
SCALE: Final = Decimal("1e-12")
LIMIT: Final = Decimal(10) ** 26
# Open ends of a period.
START: Final = datetime(1, 1, 1, tzinfo=UTC)
END: Final = datetime(9999, 12, 31, tzinfo=UTC)

# Which landed object a row was read from: `batch` and `object_no` point into the batch's object
# list, `record_no` counts records of that object from 0.
LINEAGE: Final = [
    pa.field("source", pa.string(), nullable=False),
    pa.field("batch", pa.int64(), nullable=False),
    pa.field("object_no", pa.int32(), nullable=False),
    pa.field("record_no", pa.int64(), nullable=False),
]

REQUESTS: Final = pa.schema(
    [
        *LINEAGE,
        pa.field("content_hash", pa.string(), nullable=False),
        # What the reader calls the record by its ids. Which records are one request is decided in
        # dbt, by ids, start and sink: int_record_exceptions.
        pa.field("request_key", pa.string(), nullable=False),
        pa.field("request_id", pa.string(), nullable=False),
        # The log has no id: request_id is made of the record's bytes or place.
        pa.field("request_id_made", pa.bool_()),
        pa.field("call_id", pa.string()),
        pa.field("trace_id", pa.string()),
        pa.field("session_id", pa.string()),
        pa.field("provider_request_id", pa.string()),
        pa.field("user_id", pa.string()),
        pa.field("customer_id", pa.string()),
        pa.field("started_at", INSTANT, nullable=False),
        pa.field("ended_at", INSTANT),
        pa.field("latency_ms", pa.float64()),
        pa.field("ttft_ms", pa.float64()),
        pa.field("gateway_key_id", pa.string()),
        pa.field("gateway_key_alias", pa.string()),
        pa.field("gateway_team", pa.string()),
        pa.field("gateway_team_alias", pa.string()),
        pa.field("deployment_id", pa.string()),
        pa.field("provider", pa.string()),
        pa.field("account_hint", pa.string()),
        pa.field("sub_account_hint", pa.string()),
        pa.field("credential_hint", pa.string()),
        pa.field("region", pa.string()),
        pa.field("route", pa.string()),
        pa.field("operation", pa.string()),
        pa.field("model_requested", pa.string()),
        pa.field("model_routed", pa.string()),
        pa.field("model_served", pa.string()),
        # What the gateway's own price map calls it: all that names the model of a deployment.
        pa.field("model_mapped", pa.string()),
        *[pa.field(f"{meter}_quantity", pa.int64()) for meter in METERS],
        # The provider's own token total, to prove that the token meters are disjoint.
        pa.field("provider_total_tokens", pa.int64()),
        pa.field("reasoning_tokens", pa.int64()),
        pa.field("tokens_estimated", pa.bool_(), nullable=False),
        # Cache writes whose time to live the source does not tell: counted as 5m, the default.
        pa.field("cache_ttl_assumed", pa.bool_()),
        pa.field("service_tier", pa.string()),
        # What the request asked for, where nothing says what was served.
        pa.field("service_tier_asked", pa.string()),
        pa.field("stream", pa.bool_()),
        pa.field("attempt_no", pa.int32()),
        pa.field("attempt_role", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("http_status", pa.int32()),
        pa.field("error_class", pa.string()),
        pa.field("finish_reason", pa.string()),
        pa.field("max_tokens", pa.int64()),
        pa.field("response_format", pa.string()),
        pa.field("cache_layer", pa.string()),
        pa.field("prompt_version", pa.string()),
        pa.field("input_hash", pa.string()),
        pa.field("gateway_cost", MONEY),
        # Evidence, so that a mapping bug is fixed without the source. The rank tells the sinks of
        # one source apart: the one that says more of a request has the higher.
        pa.field("evidence_rank", pa.int16(), nullable=False),
        pa.field("raw_usage", pa.string()),
        # JSON of what is named: {"tags": {key: value}, "labels": [...], "metadata": {path: value},
        # "headers": {name: value}}, keys in lower case.
        pa.field("attributes", pa.string(), nullable=False),
        # JSON of what is not: {"metadata:<path>", "header:<name>" or "tag:<key>": "hmac:<hex>" of a
        # short word, null of anything else}; a name that is none is `*`. NULL where all is named.
        pa.field("unnamed_attributes", pa.string()),
    ]
)

REQUEST_CONTEXT: Final = pa.schema(
    [
        *LINEAGE,
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("join_key", pa.string(), nullable=False),
        pa.field("join_value", pa.string(), nullable=False),
        pa.field("occurred_at", INSTANT),
        pa.field("attributes", pa.string(), nullable=False),
    ]
)

# A bill is restated by period: the newest complete pull of a (report, grouping, bucket) stands, so
# the period columns below stand on every bill row and once per bucket in BILL_BUCKETS.
BUCKET: Final = [
    pa.field("provider", pa.string(), nullable=False),
    pa.field("billing_account", pa.string(), nullable=False),
    pa.field("report", pa.string(), nullable=False),
    pa.field("grouping", pa.string(), nullable=False),
    pa.field("bucket_start", INSTANT, nullable=False),
    pa.field("bucket_end", INSTANT, nullable=False),
]

BILL_BUCKETS: Final = pa.schema(
    [
        *LINEAGE,
        *BUCKET,
        pa.field("pull_id", pa.string(), nullable=False),
        pa.field("pulled_at", INSTANT),
        pa.field("row_count", pa.int64(), nullable=False),
    ]
)

CHARGES: Final = pa.schema(
    [
        *LINEAGE,
        *BUCKET,
        pa.field("sub_account_id", pa.string()),
        pa.field("sub_account_name", pa.string()),
        pa.field("credential_id", pa.string()),
        pa.field("principal_id", pa.string()),
        pa.field("charge_description", pa.string(), nullable=False),
        pa.field("charge_category", pa.string(), nullable=False),
        pa.field("charge_class", pa.string()),
        # tokens, tool, storage, training, session, credit, tax, fee, adjustment, rounding, unparsed
        pa.field("charge_kind", pa.string(), nullable=False),
        pa.field("model", pa.string()),
        pa.field("meter", pa.string()),
        pa.field("service_tier", pa.string()),
        pa.field("context_band", pa.string()),
        pa.field("region", pa.string()),
        pa.field("consumed_quantity", QUANTITY),
        pa.field("consumed_unit", pa.string()),
        pa.field("billed_cost_in_billing_currency", MONEY, nullable=False),
        pa.field("billing_currency", pa.string(), nullable=False),
        pa.field("raw_row", pa.string(), nullable=False),
        # Bills of rows, whose bucket is the billing month: the charge's own time, and its invoice.
        pa.field("charge_period_start", INSTANT),
        pa.field("charge_period_end", INSTANT),
        pa.field("invoice_id", pa.string()),
    ]
)

# What a bill of rows has of services that are no AI, which never becomes cost.
FOREIGN_CHARGES: Final = pa.schema(
    [
        *LINEAGE,
        *BUCKET,
        pa.field("service", pa.string(), nullable=False),
        pa.field("charge_category", pa.string(), nullable=False),
        pa.field("row_count", pa.int64(), nullable=False),
        pa.field("billed_cost_in_billing_currency", MONEY, nullable=False),
        pa.field("billing_currency", pa.string(), nullable=False),
    ]
)

PROVIDER_USAGE: Final = pa.schema(
    [
        *LINEAGE,
        *BUCKET,
        pa.field("sub_account_id", pa.string()),
        pa.field("credential_id", pa.string()),
        pa.field("principal_id", pa.string()),
        pa.field("model", pa.string()),
        pa.field("service_tier", pa.string()),
        pa.field("context_band", pa.string()),
        pa.field("region", pa.string()),
        pa.field("meter", pa.string(), nullable=False),
        pa.field("quantity", pa.int64(), nullable=False),
        pa.field("requests", pa.int64()),
        pa.field("raw_row", pa.string(), nullable=False),
    ]
)

# What a product's report says of a person's use of a seat: no charge, its overage may become one.
SEAT_REPORTS: Final = pa.schema(
    [
        *LINEAGE,
        *BUCKET,
        pa.field("charge_period_start", INSTANT, nullable=False),
        pa.field("product", pa.string(), nullable=False),
        pa.field("person", pa.string()),
        pa.field("used", MONEY, nullable=False),
        # what of it is billed
        pa.field("overage", MONEY, nullable=False),
        pa.field("billing_currency", pa.string(), nullable=False),
        pa.field("raw_row", pa.string(), nullable=False),
    ]
)

# What a server of models has counted of its own work up to a moment: no request, and never money.
COUNTERS: Final = pa.schema(
    [
        *LINEAGE,
        # Hash of all labels that tell one counter of one server from every other.
        pa.field("series", pa.string(), nullable=False),
        # a meter, whose input contains cache reads here, or `requests`
        pa.field("counter", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("instance", pa.string(), nullable=False),
        pa.field("sampled_at", INSTANT, nullable=False),
        pa.field("value", pa.int64(), nullable=False),
        # When its process began to count from zero.
        pa.field("process_started_at", INSTANT),
    ]
)

QUARANTINE: Final = pa.schema(
    [
        *LINEAGE,
        pa.field("object", pa.string(), nullable=False),
        pa.field("offset", pa.int64()),
        pa.field("length", pa.int64()),
        pa.field("hash", pa.string()),
        pa.field("field", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        # The wrong value where it is a number or a time, else its type and length.
        pa.field("value", pa.string()),
        # Key of tollbook.yaml, or the edit, that makes such a record readable.
        pa.field("option", pa.string()),
        # What is lost: `record`; `rest` of the object, from here to its end; the whole `object`.
        pa.field("extent", pa.string()),
        # More than one in the row that counts what is beyond an object's bound.
        pa.field("records", pa.int64()),
        # The UTC days that the lost use may be of; NULL: from, or until, nobody knows when.
        pa.field("first_day", pa.date32()),
        pa.field("last_day", pa.date32()),
    ]
)

TABLES: Final = {
    "requests": REQUESTS,
    "request_context": REQUEST_CONTEXT,
    "charges": CHARGES,
    "foreign_charges": FOREIGN_CHARGES,
    "provider_usage": PROVIDER_USAGE,
    "seat_reports": SEAT_REPORTS,
    "bill_buckets": BILL_BUCKETS,
    "counters": COUNTERS,
    "quarantine": QUARANTINE,
}
