"""What a simulated company consists of. Compared and hashed by identity: each exists once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    team_id: str
    name: str
    business_unit: str
    cost_center: str
    owner_email: str


@dataclass(frozen=True, slots=True, eq=False)
class SubAccount:
    """An OpenAI project, an Anthropic workspace, an AWS account, an Azure subscription or a Google
    project; `sub_account_id` is None for a default workspace."""

    provider: str
    account: str
    sub_account_id: str | None
    name: str
    undeclared_discount_percent: int = 0

    @property
    def is_cloud(self) -> bool:
        return self.provider in ("aws", "azure", "google")


@dataclass(frozen=True, slots=True, eq=False)
class CloudPlace:
    """How LiteLLM calls a model in a cloud, and by whose hand it stands on the cloud's bill."""

    route: str  # LiteLLM's word for the provider
    routed_model: str  # without the route
    base_model: str  # as LiteLLM's price map has it; empty where nobody told LiteLLM
    api_base: str
    region: str
    resource: str = ""  # Azure's account, AWS's inference profile
    principal: str = ""  # the role that calls AWS
    declared_discount_percent: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """Where the gateway sends a model's calls, and how the provider's bill names it."""

    deployment_id: str
    model_group: str
    model: str
    bill_model: str  # the snapshot that the provider bills
    sub_account: SubAccount
    credential_id: str  # AWS's is the role in CUR; of bills without either, the sub-account's id
    cloud: CloudPlace | None = None

    @property
    def provider(self) -> str:
        return self.sub_account.provider

    @property
    def account(self) -> str:
        return self.sub_account.account


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """A declared discount on one model from a day on."""

    provider: str
    model: str
    discount_percent: int
    valid_from: date

    def applies(self, deployment: Deployment, day: date) -> bool:
        return deployment.model == self.model and day >= self.valid_from


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A model that a feature uses: `weight` of its calls, and where they go when it fails."""

    weight: float
    production: Deployment
    elsewhere: Deployment  # development and staging
    fallback: Deployment
    batch_share: float = 0.0
    priority_share: float = 0.0  # of the calls of enterprise customers


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One product feature: who owns it and what its calls look like."""

    feature_id: str
    name: str
    team: Team
    share: float  # of all calls
    shape: str  # the trace its token sizes follow
    input_scale: float
    output_scale: float
    enterprise_share: float
    stream_share: float
    cached_prompt_share: float
    repeat_share: float  # of the repeats that the gateway's response cache answers
    routes: tuple[Route, ...]
    prompt_version: str | None = None  # as its calls say it, where they do


@dataclass(frozen=True, slots=True, eq=False)
class Customer:
    """A tenant; from `changes_on` it has the second tier and plan."""

    customer_id: str
    tier: str
    plan: str
    changes_on: date | None = None
    changes_at: int | None = None  # the same moment in epoch microseconds
    tier_after: str = ""
    plan_after: str = ""

    def standing(self, at: int) -> tuple[str, str]:
        """(tier, plan) at a moment in epoch microseconds."""
        if self.changes_at is not None and at >= self.changes_at:
            return self.tier_after, self.plan_after
        return self.tier, self.plan


@dataclass(frozen=True, slots=True, eq=False)
class GatewayKey:
    alias: str
    key_hash: str
    team: Team
    environment: str
    user_id: str
    names_team: bool = True  # what is logged of it says whose it is


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    name: str
    slug: str
    teams: tuple[Team, ...]
    features: tuple[Feature, ...]
    sub_accounts: tuple[SubAccount, ...]
    deployments: tuple[Deployment, ...]
    keys: tuple[GatewayKey, ...]
    enterprise_customers: tuple[Customer, ...]
    free_customers: tuple[Customer, ...]
    sandbox_customer: Customer
    contract: Contract
    # Used with provider keys that the gateway does not know: (key, deployment it acts like, owner).
    outside_keys: tuple["OutsideKey", ...]
    tag_separator: str
    environment_tag: str
    spellings: tuple["Spelling", ...]
    untagged: bool = False  # logs and reference data name no owner
    clouds: Mapping[str, str] = field(default_factory=dict)  # provider -> format of its bill


@dataclass(frozen=True, slots=True, eq=False)
class OutsideKey:
    """A provider key that is used past the gateway; `team` is None where nobody claims it."""

    deployment: Deployment
    team: Team | None
    daily_calls: float  # per call through the gateway


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """A variant of a feature's or team's name; `folded` when aliases.csv knows it."""

    dimension: str
    raw: str
    value: str
    folded: bool
