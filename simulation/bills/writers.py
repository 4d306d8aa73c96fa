"""Every bill that can be written, by the name of its format."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from simulation.bills.anthropic import write_anthropic_bill
from simulation.bills.clouds.aws_cur import write_aws_cur
from simulation.bills.clouds.aws_focus import write_aws_focus
from simulation.bills.clouds.azure_actual import write_azure_actual
from simulation.bills.clouds.azure_focus import write_azure_focus
from simulation.bills.clouds.google import write_google_jsonl
from simulation.bills.ledger import Ledger
from simulation.bills.openai import write_openai_bill
from simulation.company.catalog import Company

# Bills as pages of an API: of several pulls each has a folder of its own.
PAGES: Final[dict[str, Callable[[Path, Ledger, Sequence[date]], None]]] = {
    "openai": write_openai_bill,
    "anthropic": write_anthropic_bill,
}
# Bills as exports, told which delivery of their months it is: 1, 2, ..; 0 is the only one.
EXPORTS: Final[dict[str, Callable[[Path, Ledger, Sequence[date], int], None]]] = {
    "aws_cur": write_aws_cur,
    "aws_focus": write_aws_focus,
    "azure_actual": write_azure_actual,
    "azure_focus": write_azure_focus,
    "google": write_google_jsonl,
}


def write_bill(
    bill_format: str, folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0
) -> None:
    if bill_format in EXPORTS:
        EXPORTS[bill_format](folder, ledger, days, delivery)
    else:
        PAGES[bill_format](folder, ledger, days)


def bill_formats(company: Company) -> dict[str, str]:
    """Provider -> format of its bill, in the order of the company's accounts."""
    providers = dict.fromkeys(sub.provider for sub in company.sub_accounts)
    return {provider: company.clouds.get(provider, provider) for provider in providers}
