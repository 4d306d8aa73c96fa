"""Names of a log, the company and providers, as text that cannot be taken for anything else."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from orchestration.cents.owners import UNALLOCATED

LONGEST: Final = 48
# Letters that turn the direction of what follows them, or that nobody sees.
_UNSEEN: Final = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

NO_TEAM: Final = "On no team"
NO_FEATURE: Final = "No feature named"


@dataclass(frozen=True, slots=True)
class Cause:
    """`means`: in plain words; `changed_by`: what would put the money on somebody."""

    name: str
    means: str
    changed_by: str


CAUSES: Final[Mapping[str, Cause]] = {
    "outside_gateway": Cause(
        "Outside the gateway",
        "A key was used without the gateway: no logged request of that day has it.",
        "send its requests through the gateway, or name its owner in credentials.csv",
    ),
    "unlogged_usage": Cause(
        "Missing in the log",
        "The provider counted more than the log has of the same key and model.",
        "complete the log: docs/operation.md says how",
    ),
    "non_token": Cause(
        "Storage and tools",
        "Storage, training or tools, which no request counts.",
        "a rule in shared_costs.csv",
    ),
    "idle_capacity": Cause("Idle capacity", "Reserved capacity that nobody used.", "less capacity"),
    "unused_commitment": Cause(
        "Unused commitment", "A commitment was paid for and not used.", "a smaller commitment"
    ),
    "seats": Cause("Seats", "Seats without a line in seats.csv.", "a line in seats.csv"),
    "idle_seats": Cause("Idle seats", "Seats that nobody holds or uses.", "fewer seats"),
    "overage": Cause("Seat overage", "Use beyond what comes with the seats.", "nothing"),
    "expired_credits": Cause("Expired credits", "Prepaid credits that expired.", "nothing"),
    "tax": Cause("Tax", "Tax on the invoice.", "nothing, unless a rule spreads it"),
    "credit": Cause("Credit", "Taken off the invoice.", "nothing, unless a rule spreads it"),
    "fee": Cause("Fee", "A fee on the invoice.", "nothing, unless a rule spreads it"),
    "rounding": Cause("Rounding", "Bill lines and invoice differ by less than a cent.", "nothing"),
    "timing": Cause("Timing", "Billed in another month than it was amortised.", "nothing"),
    "unparsed": Cause(
        "Not understood", "The text of these bill lines is not understood.", "tell us the text"
    ),
    "shared": Cause("Shared costs", "Spread by shared_costs.csv.", "its rules"),
    "correction": Cause("Corrections", "Of months that are closed.", "nothing"),
}

PROVIDERS: Final[Mapping[str, str]] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "aws": "AWS Bedrock",
    "azure": "Azure",
    "google": "Google Cloud",
    "gemini": "Gemini API",
    "openrouter": "OpenRouter",
    "xai": "xAI",
    "mistral": "Mistral",
    "deepseek": "DeepSeek",
    "fireworks": "Fireworks",
    "together": "Together",
    "groq": "Groq",
    "cohere": "Cohere",
    "databricks": "Databricks",
}


def provider_name(provider: str) -> str:
    return PROVIDERS.get(provider, provider)


def cause_of(code: str) -> Cause:
    return CAUSES.get(code, Cause(code.replace("_", " ").capitalize(), "", ""))


def plain(name: str) -> str:
    """Letters that nobody sees are spelt out."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", unicodedata.normalize("NFC", name))


def cut(name: str, longest: int = LONGEST) -> str:
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[: longest - 1 - half]}…{name[-half:]}"


@lru_cache(2**14)
def marked_up(name: str, longest: int = LONGEST) -> Markup:
    """Escaped and apart from the text around it; what is cut stands whole in its title."""
    whole = plain(name)
    short = cut(whole, longest)
    title = Markup(' title="{}"').format(whole) if short != whole else Markup("")
    return Markup("<bdi{}>{}</bdi>").format(title, short)


@dataclass(frozen=True, slots=True)
class Names:
    """`teams`: what teams.csv calls them; `misspelt`: feature -> whom it resembles."""

    teams: Mapping[str, str]
    misspelt: Mapping[str, str]

    def team(self, team: str) -> str:
        return NO_TEAM if team == UNALLOCATED else self.teams.get(team) or team

    def feature(self, feature: str) -> str:
        return NO_FEATURE if feature == UNALLOCATED else feature
