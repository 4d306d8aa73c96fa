"""A month of CUR 2.0 as gzip CSV: each hour the same usage of many services, a part Bedrock's."""

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

ACCOUNT: Final = "111122223333"
START: Final = datetime(2026, 10, 1, tzinfo=UTC)
PART: Final = 200 * 2**20  # bytes of one file before it is compressed
LINES: Final = 1_000  # that differ in more than their hour
BEGIN, END = "@begin@", "@end@"
OTHERS: Final = (
    ("AmazonEC2", "BoxUsage:m5.xlarge", "Hrs"),
    ("AmazonEC2", "EBS:VolumeUsage.gp3", "GB-Mo"),
    ("AmazonS3", "Requests-Tier1", "Requests"),
    ("AmazonRDS", "InstanceUsage:db.r6g.large", "Hrs"),
    ("AWSLambda", "Lambda-GB-Second", "Second"),
    ("AmazonCloudWatch", "CW:Requests", "Requests"),
)
BEDROCK: Final = (
    "Claude4.5Sonnet-input-tokens",
    "Claude4.5Sonnet-output-tokens",
    "Claude4.5Haiku-cache-read-input-token-count",
    "NovaPro-input-tokens-batch",
)
COLUMNS: Final = (
    *("identity_line_item_id", "bill_bill_type", "bill_billing_entity", "bill_payer_account_id"),
    *("bill_billing_period_start_date", "line_item_usage_account_id", "line_item_line_item_type"),
    *("line_item_usage_start_date", "line_item_usage_end_date", "line_item_product_code"),
    *("line_item_usage_type", "line_item_operation", "line_item_resource_id"),
    *("line_item_usage_amount", "line_item_currency_code", "line_item_unblended_rate"),
    *("line_item_unblended_cost", "line_item_line_item_description", "line_item_iam_principal"),
    *("pricing_unit", "product_region_code", "product_servicecode", "product", "resource_tags"),
)


def write_cur(folder: Path, size: int, share: float, seed: int = 1) -> int:
    """`size` bytes of CSV, of whose lines `share` are Bedrock's; the bytes of the files."""
    block = "".join(_lines(random.Random(seed), share))
    hours = [START + timedelta(hours=n) for n in range(31 * 24)]
    parts = _Parts(folder / "data" / "BILLING_PERIOD=2026-10")
    number = 0
    while parts.bytes < size:
        hour = hours[number % len(hours)]
        number += 1
        text = block.replace(BEGIN, _told(hour)).replace(END, _told(hour + timedelta(hours=1)))
        parts.add(text.encode())
    return parts.close()


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _lines(drawn: random.Random, share: float) -> Iterator[str]:
    for number in range(LINES):
        is_ai = number < LINES * share
        code, usage_type, unit = drawn.choice(OTHERS)
        if is_ai:
            code, usage_type, unit = "AmazonBedrock", drawn.choice(BEDROCK), "1K tokens"
        amount = f"{drawn.uniform(0.1, 900):.6f}"
        rate = f"{drawn.uniform(0.0001, 0.2):.10f}"
        cost = f"{float(amount) * float(rate):.12f}"
        role = f"arn:aws:sts::444455556666:assumed-role/gateway-{number % 40}/service"
        yield ",".join(
            (
                *(f"{drawn.getrandbits(200):050x}", "Anniversary", "AWS", ACCOUNT),
                *(_told(START), f"4444555566{number % 40:02}", "Usage", BEGIN, END, code),
                *(f"USE1-{usage_type}", "RunInstances" if not is_ai else "InvokeModel"),
                f"arn:aws:service:us-east-1:444455556666:resource/i-{drawn.getrandbits(64):016x}",
                *(amount, "USD", rate, cost, f"${rate} per unit of {usage_type} in us-east-1"),
                *(role if is_ai else "", unit, "us-east-1", code),
                f'"{{""product_name"":""{code}"",""region"":""us-east-1""}}"',
                f'"{{""user_team"":""team-{number % 12}"",""user_env"":""prod""}}"\n',
            )
        )


class _Parts:
    """Files of PART bytes of CSV, as an export of many rows has them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder, self._left, self._count = folder, 0, 0
        self._file: gzip.GzipFile | None = None
        self.bytes = 0

    def add(self, lines: bytes) -> None:
        if self._file is None or self._left <= 0:
            self._next()
        assert self._file is not None
        self._file.write(lines)
        self.bytes += len(lines)
        self._left -= len(lines)

    def close(self) -> int:
        if self._file is not None:
            self._file.close()
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def _next(self) -> None:
        if self._file is not None:
            self._file.close()
        self._count += 1
        path = self._folder / f"cur-{self._count:05}.csv.gz"
        self._file = gzip.open(path, "wb", compresslevel=1)  # noqa: SIM115
        self._file.write(f"{','.join(COLUMNS)}\n".encode())
        self._left = PART
