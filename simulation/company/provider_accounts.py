"""The company's accounts at its providers: projects, workspaces, deployments and their keys."""

from random import Random
from typing import Final

from simulation.company.catalog import Deployment, OutsideKey, SubAccount, Team
from simulation.company.industries import Industry
from simulation.company.random_names import word

# key: (model group, model, snapshot on the bill, sub-account)
DEPLOYMENTS: Final = {
    "gpt-4o@product": ("gpt-4o", "gpt-4o", "gpt-4o-2024-08-06", "product"),
    "mini@product": ("gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "product"),
    "mini@nonprod": ("gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "product-nonprod"),
    "mini@analytics": ("gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "analytics"),
    "o4-mini@analytics": ("reasoner", "o4-mini", "o4-mini-2025-04-16", "analytics"),
    "opus@product": (
        "claude-opus",
        "claude-opus-4-5",
        "claude-opus-4-5-20251101",
        "workspace-prod",
    ),
    "haiku@product": (
        "claude-haiku",
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "workspace-prod",
    ),
    "haiku@nonprod": (
        "claude-haiku",
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "workspace-nonprod",
    ),
}
ANALYTICS_DISCOUNT_PERCENT: Final = 7


def open_sub_accounts(
    industry: Industry, rng: Random, undeclared_percent: int = ANALYTICS_DISCOUNT_PERCENT
) -> dict[str, SubAccount]:
    """Two OpenAI projects, one of them cheaper by no contract, and three Anthropic workspaces."""
    openai, anthropic = f"org-{industry.slug}", f"org-{industry.slug}-ant"
    product = SubAccount("openai", openai, f"proj_{word(rng, 24)}", "product")
    analytics = SubAccount(
        "openai", openai, f"proj_{word(rng, 24)}", "analytics", undeclared_percent
    )
    prod = SubAccount("anthropic", anthropic, f"wrkspc_01{word(rng, 22)}", "prod")
    nonprod = SubAccount("anthropic", anthropic, f"wrkspc_01{word(rng, 22)}", "nonprod")
    return {
        "product": product,
        "product-nonprod": product,
        "analytics": analytics,
        "workspace-prod": prod,
        "workspace-nonprod": nonprod,
        "workspace-default": SubAccount("anthropic", anthropic, None, "default"),
    }


def _credential(provider: str, rng: Random) -> str:
    return f"key_{word(rng, 16)}" if provider == "openai" else f"apikey_01{word(rng, 22)}"


def deploy(sub_accounts: dict[str, SubAccount], rng: Random) -> dict[str, Deployment]:
    """One provider key for each place; deployments of one place share it."""
    keys = {place: _credential(sub.provider, rng) for place, sub in sub_accounts.items()}
    return {
        name: Deployment(
            f"dep-{name.replace('@', '-')}-{word(rng, 4)}",
            group,
            model,
            snapshot,
            sub_accounts[place],
            keys[place],
        )
        for name, (group, model, snapshot, place) in DEPLOYMENTS.items()
    }


def hand_out_outside_keys(
    sub_accounts: dict[str, SubAccount],
    deployments: dict[str, Deployment],
    teams: tuple[Team, ...],
    rng: Random,
) -> tuple[OutsideKey, ...]:
    """A script of one team in the product project, and a key in the default workspace."""
    known = deployments["gpt-4o@product"]
    haiku = deployments["haiku@product"]
    return (
        OutsideKey(
            Deployment(
                "",
                "",
                known.model,
                known.bill_model,
                known.sub_account,
                _credential("openai", rng),
            ),
            teams[2],
            0.006,
        ),
        OutsideKey(
            Deployment(
                "",
                "",
                haiku.model,
                haiku.bill_model,
                sub_accounts["workspace-default"],
                _credential("anthropic", rng),
            ),
            None,
            0.01,
        ),
    )
