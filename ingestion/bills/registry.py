"""Bill formats: the module that reads each, and the provider that its bills are from."""

from types import ModuleType
from typing import Final

from ingestion.bills import anthropic, openai
from ingestion.bills.page import PageFormat

FORMATS: Final[dict[str, ModuleType]] = {"anthropic": anthropic, "openai": openai}
PAGES: Final[dict[str, PageFormat]] = {
    "anthropic": anthropic.FORMAT,
    "openai": openai.FORMAT,
}
PROVIDER: Final = {name: form.provider for name, form in PAGES.items()}
