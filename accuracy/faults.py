"""Every fault by the name that the issue gives it, in the order in which they are laid together."""

from collections.abc import Callable
from random import Random
from typing import Final

from accuracy import (
    bill_faults,
    currency_faults,
    field_faults,
    log_faults,
    reference_faults,
    stresses,
)
from accuracy.analytics_fault import new_reports
from accuracy.company import Company
from accuracy.finding import Finding

Fault = Callable[[Company, Random], Finding]

FAULTS: Final[dict[str, Fault]] = {
    # these change what requests cost, and the next two their accounts and keys: before the others
    "fast mode": field_faults.fast_mode,
    "searches and seconds": field_faults.searches_and_seconds,
    "second account": reference_faults.second_account,
    "key rotated mid-month": reference_faults.key_rotated_mid_month,
    "missing logs": log_faults.missing_logs,
    "duplicate logs": log_faults.duplicate_logs,
    "wrong cache meter": log_faults.wrong_cache_meter,
    "estimated tokens": log_faults.estimated_tokens,
    "retried but billed": log_faults.retried_but_billed,
    "late batch": log_faults.late_batch,
    "late objects": log_faults.late_objects,
    "calls outside the gateway": bill_faults.calls_outside_the_gateway,
    "shared key used directly": bill_faults.shared_key_used_directly,
    "credit": bill_faults.credit,
    "tax": bill_faults.tax,
    "unknown line item": bill_faults.unknown_line_item,
    "restated day": bill_faults.restated_day,
    "old price": reference_faults.old_price,
    "undeclared price difference": reference_faults.undeclared_price_difference,
    "keyless log": field_faults.keyless_log,
    "reused ids": field_faults.reused_ids,
    "two sinks": field_faults.two_sinks_rekeyed,
    "tier asked": field_faults.tier_asked,
    "new reports": new_reports,
    "currency": currency_faults.currency,
    "currency without a rate": currency_faults.currency_without_a_rate,
}
# what is refused cannot be laid together with what is counted
ALONE: Final = ("currency without a rate",)
ALL_TOGETHER: Final = "all together"
# far beyond them: how it bends
STRESSES: Final[dict[str, Fault]] = {
    "every cache read wrong": stresses.every_cache_read_wrong,
    "every stream estimated": stresses.every_stream_estimated,
    "half of the logs lost": stresses.half_of_the_logs_lost,
    "every batch late": stresses.every_batch_late,
}


def laid(case: str) -> list[tuple[str, Fault]]:
    """The faults of a case by name: one, or all that can be laid together."""
    if case == ALL_TOGETHER:
        return [(name, fault) for name, fault in FAULTS.items() if name not in ALONE]
    return [(case, (FAULTS | STRESSES)[case])]
