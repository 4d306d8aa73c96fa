"""A bill is whole: no promised page is missing. Half a month is an error, never a smaller bill."""

from collections.abc import Sequence
from datetime import datetime

from ingestion.bills.pages.families import Family
from ingestion.bills.pages.flat_page import FlatPage
from ingestion.bills.pages.page import Page
from ingestion.bills.pages.pulls import Pull
from ingestion.records import SourceError


def check_chains(pages: Sequence[Page], families: Sequence[Family], where: str) -> None:
    """Every page that promises more is continued at the end of its last bucket."""
    for page in pages:
        if not page.has_more:
            continue
        if not page.buckets:
            raise SourceError(
                f"{where}: {page.name} promises more pages but has no bucket: save it again"
            )
        own = [family for family in families if page in family.pages]
        if not any(page.end in family.buckets for family in own):
            report = own[0].report if own else "report"
            raise SourceError(
                f"{where}: {page.name} ends at {_moment(page.end)} and promises more, but no page "
                f"of {report} continues there: fetch the next page (page=<its next_page>) and save "
                "it beside"
            )


def check_promises(
    pull: Pull, pages: Sequence[Page | FlatPage], families: Sequence[Family]
) -> None:
    """What `pull.json` lists is there: the pages by their content, the number of buckets."""
    digests = {page.digest for page in pages}
    for promised in pull.reports:
        lost = [digest for digest in promised.pages if digest not in digests]
        starts = {
            start
            for family in families
            if family.report == promised.report
            for start in family.buckets
        }
        if lost or (promised.buckets is not None and len(starts) != promised.buckets):
            raise SourceError(
                f"{pull.marker_name} lists {len(promised.pages)} pages with {promised.buckets} "
                f"buckets of {promised.report}, but {len(lost)} pages are missing or changed and "
                f"{len(starts)} buckets are there: restore its folder, or delete it and pull again"
            )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
