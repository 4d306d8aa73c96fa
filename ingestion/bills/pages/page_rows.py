"""The rows of one page of a bill: what its results say, and its buckets, empty ones included."""

from ingestion.bills.pages.families import Family
from ingestion.bills.pages.page import Bucket, Page, PageFormat
from ingestion.bills.pages.pulls import Pull
from ingestion.records import Parsed, Reject, Row
from ingestion.workspace.sources import Bill


def add_rows(
    said: Parsed, page: Page, family: Family, form: PageFormat, bill: Bill, pull: Pull | None
) -> None:
    """Adds the page's rows under one family to `said`; an empty page may stand under several."""
    record_no = 0
    first_landed: int | None = None
    bucket_rows = said.rows.setdefault("bill_buckets", [])
    for bucket in page.buckets:
        key = _bucket_key(bucket, family, form, bill)
        landed: int | None = None
        for result in bucket.results:
            if result.error is not None:
                said.rejects.append(Reject(record_no, result.error.reason, result.error.field))
            else:
                landed = record_no if landed is None else landed
                for table, row in result.rows:
                    full = {**key, **row, "record_no": record_no, "raw_row": result.raw}
                    said.rows.setdefault(table, []).append(_named(full, family, form))
            record_no += 1
        first_landed = landed if first_landed is None else first_landed
        bucket_rows.append(
            {
                **key,
                "record_no": landed,
                "pull_id": pull.pull_id if pull else f"page-{page.digest[:16]}",
                "pulled_at": pull.pulled_at if pull else None,
                "row_count": len(bucket.results),
            }
        )
    said.records = record_no
    # A bucket is no record: its number points at a record that landed, its own where it has one.
    for row in bucket_rows:
        row["record_no"] = row["record_no"] if row["record_no"] is not None else first_landed or 0


def _bucket_key(bucket: Bucket, family: Family, form: PageFormat, bill: Bill) -> Row:
    return {
        "provider": form.provider,
        "billing_account": bill.account,
        "report": family.report,
        "grouping": family.grouping,
        "bucket_start": bucket.span[0],
        "bucket_end": bucket.span[1],
    }


def _named(row: Row, family: Family, form: PageFormat) -> Row:
    """What an API shows as NULL gets its name, once the report was grouped by it."""
    for column, key, name in form.null_names:
        if row[key] is None and column in family.columns:
            row[key] = name
    return row
