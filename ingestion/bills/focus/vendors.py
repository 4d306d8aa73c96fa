"""What columns of a vendor's own say of a FOCUS row, by the grammar of the vendor's own export."""

from ingestion.bills.aws_cur.usage_types import read_usage_type
from ingestion.bills.azure.meters import Meter, read_meter
from ingestion.bills.azure.regions import region_of
from ingestion.bills.focus.whose import provider_of
from ingestion.bills.tables.record import Record


def usage_type_words(record: Record) -> dict[str, str]:
    """AWS's usage type; a model of the Marketplace is named by the service alone."""
    text = record.text("x_UsageType")
    if text is None:
        return {}
    usage = read_usage_type(text, record.text("ServiceName"))
    if usage.kind == "unparsed":
        return {}
    said = {
        "kind": usage.kind,
        "model": usage.model,
        "meter": usage.meter,
        "service_tier": usage.service_tier,
    }
    return {name: fact for name, fact in said.items() if fact}


def azure_meter_words(record: Record) -> dict[str, str]:
    """Azure's name of a meter, whose short words mean nothing on another vendor's rows."""
    return azure_words(record) if provider_of(record) == "azure" else {}


def azure_words(record: Record) -> dict[str, str]:
    return _azure_meter(record).facts


def azure_place(record: Record) -> dict[str, str | None]:
    """Subscription and region as Azure's own export and logs have them."""
    of_no_region = _azure_meter(record).route in ("global", "zone")
    subscription = record.text("SubAccountId")
    return {
        "sub_account_id": subscription and subscription.rpartition("/")[2],
        "region": None if of_no_region else region_of(record.text("RegionId")),
    }


def _azure_meter(record: Record) -> Meter:
    return read_meter(record.text("SkuMeter") or record.text("x_SkuMeterName"))
