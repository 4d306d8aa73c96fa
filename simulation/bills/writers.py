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

WRITERS: Final[dict[str, Callable[[Path, Ledger, Sequence[date]], None]]] = {
    "openai": write_openai_bill,
    "anthropic": write_anthropic_bill,
    "aws_cur": write_aws_cur,
    "aws_focus": write_aws_focus,
    "azure_actual": write_azure_actual,
    "azure_focus": write_azure_focus,
    "google": write_google_jsonl,
}


def bill_formats(company: Company) -> dict[str, str]:
    """Provider -> format of its bill, in the order of the company's accounts."""
    providers = dict.fromkeys(sub.provider for sub in company.sub_accounts)
    return {provider: company.clouds.get(provider, provider) for provider in providers}
