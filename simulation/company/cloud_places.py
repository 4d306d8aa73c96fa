"""The company's models in clouds: Claude and Nova on Bedrock, GPT on Azure, Gemini on Vertex AI.

A cloud takes over deployments of the providers themselves; all else of the company stays as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from simulation.company.catalog import CloudPlace, Deployment, OutsideKey, SubAccount, Team
from simulation.company.random_names import hex_digits, uuid_text, word

# what `--clouds` may say -> (provider, format of its bill)
CLOUDS: Final = {
    "aws": ("aws", "aws_cur"),
    "aws_cur": ("aws", "aws_cur"),
    "aws_focus": ("aws", "aws_focus"),
    "azure": ("azure", "azure_actual"),
    "azure_actual": ("azure", "azure_actual"),
    "azure_focus": ("azure", "azure_focus"),
    "google": ("google", "google"),
}
# The only bill of AWS that has who called; FOCUS ends at the linked account.
WITH_PRINCIPALS: Final = "aws_cur"
REGIONS: Final = {"aws": "us-east-1", "azure": "swedencentral", "google": "europe-west1"}
OUTSIDE_CALLS: Final = 0.008  # of the sandbox, per call through the gateway


@dataclass(frozen=True, slots=True)
class Model:
    """`model` and its prices are the price list's, `bill_model` the words of the bill."""

    group: str
    model: str
    bill_model: str
    routed: str
    base: str
    discount_percent: int = 0


OPUS: Final = Model(
    "claude-opus",
    "regional.anthropic.claude-opus-4-5-v1:0",
    "Claude Opus 4.5",  # sold on the marketplace: the bill has its product's name
    "converse/us.anthropic.claude-opus-4-5-20251101-v1:0",
    "us.anthropic.claude-opus-4-5-20251101-v1:0",
)
HAIKU: Final = Model(
    "claude-haiku",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "Claude4.5Haiku",
    "converse/global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    discount_percent=5,
)
NOVA: Final = Model(
    "nova",
    "amazon.nova-pro-v1:0",
    "NovaPro",
    "converse/us.amazon.nova-pro-v1:0",
    "us.amazon.nova-pro-v1:0",
    discount_percent=5,
)
GPT: Final = Model("gpt-4o", "gpt-4o", "gpt 4o 0806", "chat", "gpt-4o-2024-08-06")
MINI: Final = Model("gpt-4o-mini", "gpt-4o-mini", "gpt 4o mini 0718", "small", "")
FLASH: Final = Model(
    "gemini-flash",
    "gemini-2.5-flash",
    "Gemini 2.5 Flash GA",
    "gemini-2.5-flash",
    "gemini-2.5-flash",
)
PRO: Final = Model(
    "reasoner", "gemini-2.5-pro", "Gemini 2.5 Pro", "gemini-2.5-pro", "gemini-2.5-pro"
)
# provider -> deployment that it takes over -> (model, sub-account)
PLACES: Final = {
    "aws": {
        "opus@product": (OPUS, "prod"),
        "haiku@product": (HAIKU, "prod"),
        "haiku@nonprod": (NOVA, "nonprod"),
    },
    "azure": {
        "gpt-4o@product": (GPT, "prod"),
        "mini@product": (MINI, "prod"),
        "mini@nonprod": (MINI, "nonprod"),
    },
    "google": {
        "mini@analytics": (FLASH, "prod"),
        "o4-mini@analytics": (PRO, "prod"),
    },
}
SANDBOX: Final = {"aws": HAIKU, "azure": GPT, "google": FLASH}


@dataclass(slots=True)
class CloudAccounts:
    """What the clouds took over, and who uses them past the gateway."""

    deployments: dict[str, Deployment]
    outside_keys: tuple[OutsideKey, ...]


def bill_formats(clouds: Iterable[str]) -> dict[str, str]:
    """Provider -> format of its bill; raises ValueError for an unknown cloud, or one twice."""
    formats: dict[str, str] = {}
    for cloud in clouds:
        if cloud not in CLOUDS:
            raise ValueError(f"no cloud `{cloud}`: choose of {', '.join(CLOUDS)}")
        provider, bill_format = CLOUDS[cloud]
        if provider in formats:
            raise ValueError(f"`{cloud}` is {provider} again: one bill a cloud")
        formats[provider] = bill_format
    return formats


def open_clouds(
    formats: dict[str, str], slug: str, teams: tuple[Team, ...], rng: Random
) -> CloudAccounts:
    deployments: dict[str, Deployment] = {}
    outside = []
    for number, (provider, bill_format) in enumerate(formats.items()):
        account = _billing_account(provider, rng)
        subs = {
            name: SubAccount(provider, account, _sub_account(provider, slug, name, rng), name)
            for name in ("prod", "nonprod", "sandbox")
        }
        for place, (model, name) in PLACES[provider].items():
            deployments[place] = _deployment(place, model, subs[name], bill_format, rng)
        sandbox = _deployment("sandbox", SANDBOX[provider], subs["sandbox"], bill_format, rng)
        sandbox = replace(sandbox, deployment_id="", model_group="")
        # of every second cloud nobody says whose sandbox it is
        team = teams[2] if number % 2 == 0 else None
        outside.append(OutsideKey(sandbox, team, OUTSIDE_CALLS))
    return CloudAccounts(deployments, tuple(outside))


def _billing_account(provider: str, rng: Random) -> str:
    if provider == "aws":
        return _digits(rng)
    if provider == "azure":
        return f"{rng.randrange(10_000_000, 99_999_999)}"
    return "-".join(hex_digits(rng, 6).upper() for _ in range(3))


def _sub_account(provider: str, slug: str, name: str, rng: Random) -> str:
    if provider == "aws":
        return _digits(rng)
    if provider == "azure":
        return uuid_text(hex_digits(rng, 32))
    return f"{slug}-ai-{name}-{rng.randrange(100_000, 999_999)}"


def _digits(rng: Random) -> str:
    return f"{rng.randrange(10**11, 10**12)}"


def _deployment(
    place: str, model: Model, sub: SubAccount, bill_format: str, rng: Random
) -> Deployment:
    name = f"dep-{place.replace('@', '-')}-{sub.provider}-{word(rng, 4)}"
    called = _place(model, sub, rng)
    principal = called.principal if bill_format == WITH_PRINCIPALS else ""
    credential = principal or sub.sub_account_id or ""
    return Deployment(name, model.group, model.model, model.bill_model, sub, credential, called)


def _place(model: Model, sub: SubAccount, rng: Random) -> CloudPlace:
    region, discount = REGIONS[sub.provider], model.discount_percent
    if sub.provider == "aws":
        host = f"https://bedrock-runtime.{region}.amazonaws.com"
        path = model.routed.removeprefix("converse/").replace(":", "%3A")
        profile = f"arn:aws:bedrock:{region}:{sub.sub_account_id}:application-inference-profile/"
        return CloudPlace(
            *("bedrock", model.routed, f"bedrock/{model.routed}"),
            *(f"{host}/model/{path}/converse", region, f"{profile}{word(rng, 12)}"),
            f"arn:aws:sts::{sub.sub_account_id}:assumed-role/llm-gateway/litellm",
            discount,
        )
    if sub.provider == "azure":
        # a deployment is called as its team pleased
        name = f"{model.routed}-{word(rng, 5)}"
        resource = f"oai-{sub.name}-swc"
        group = f"/subscriptions/{sub.sub_account_id}/resourceGroups/rg-ai-{sub.name}"
        return CloudPlace(
            *("azure", name, f"azure/{model.base}" if model.base else ""),
            *(f"https://{resource}.openai.azure.com", region),
            f"{group}/providers/Microsoft.CognitiveServices/accounts/{resource}",
        )
    place = f"projects/{sub.sub_account_id}/locations/{region}/publishers/google/models"
    return CloudPlace(
        *("vertex_ai", model.routed, f"vertex_ai/{model.base}"),
        f"https://{region}-aiplatform.googleapis.com/v1/{place}/{model.routed}:generateContent",
        region,
    )
