"""Every fault by the name that the issue gives it, in the order in which they are laid together."""

from collections.abc import Callable
from random import Random
from typing import Final

from simulation.faults import bills, clouds, currencies, field_cases, logs, reference, stresses
from simulation.faults.analytics_reports import new_reports
from simulation.faults.company import Company
from simulation.faults.finding import Finding

Fault = Callable[[Company, Random], Finding]

FAULTS: Final[dict[str, Fault]] = {
    # these change what requests cost, and the next two their accounts and keys: before the others
    "fast mode": field_cases.fast_mode,
    "searches and seconds": field_cases.searches_and_seconds,
    "second account": reference.second_account,
    "key rotated mid-month": reference.key_rotated_mid_month,
    "missing logs": logs.missing_logs,
    "duplicate logs": logs.duplicate_logs,
    "wrong cache meter": logs.wrong_cache_meter,
    "estimated tokens": logs.estimated_tokens,
    "retried but billed": logs.retried_but_billed,
    "late batch": logs.late_batch,
    "late objects": logs.late_objects,
    "calls outside the gateway": bills.calls_outside_the_gateway,
    "shared key used directly": bills.shared_key_used_directly,
    "credit": bills.credit,
    "tax": bills.tax,
    "unknown line item": bills.unknown_line_item,
    "restated day": bills.restated_day,
    "old price": reference.old_price,
    "undeclared price difference": reference.undeclared_price_difference,
    "keyless log": field_cases.keyless_log,
    "reused ids": field_cases.reused_ids,
    "two sinks": field_cases.two_sinks_rekeyed,
    "tier asked": field_cases.tier_asked,
    "new reports": new_reports,
    "currency": currencies.currency,
    "currency without a rate": currencies.currency_without_a_rate,
}
# On a company whose models run in clouds, whose bills are exports.
CLOUDS: Final = ("aws", "google", "azure")
FOCUS_CLOUDS: Final = ("aws_focus", "azure_focus")  # told by exports of FOCUS
CLOUD_FAULTS: Final[dict[str, Fault]] = {
    "refund": clouds.refunded_line,
    "other services": clouds.other_services,
    "missing logs": logs.missing_logs,
    "duplicate logs": logs.duplicate_logs,
    "retried but billed": logs.retried_but_billed,
    "late batch": logs.late_batch,
    "late objects": logs.late_objects,
    "accounts outside the gateway": clouds.used_sandbox,
    "credit": clouds.cloud_credit,
    "tax": clouds.cloud_tax,
    "unknown SKU": clouds.unknown_sku,
    "idle capacity": clouds.idle_capacity,
    "restated export": clouds.restated_export,
    "reused ids": field_cases.reused_ids,
    "two sinks": field_cases.two_sinks_rekeyed,
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


def laid(case: str, *, in_clouds: bool = False) -> list[tuple[str, Fault]]:
    """The faults of a case by name: one, or all that can be laid together."""
    faults = CLOUD_FAULTS if in_clouds else FAULTS
    if case == ALL_TOGETHER:
        return [(name, fault) for name, fault in faults.items() if name not in ALONE]
    return [(case, faults.get(case) or STRESSES[case])]
