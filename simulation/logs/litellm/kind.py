"""What decides the shape of a LiteLLM record, and how its values are marked in a template."""

from dataclasses import dataclass
from typing import Final

from simulation.company.catalog import Deployment, GatewayKey

API_BASES: Final = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1/messages",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What decides a record's shape; records of one kind differ in the filled-in values only."""

    key: GatewayKey
    deployment: Deployment
    outcome: str
    role: str
    service_tier: str
    stream: bool
    http_status: int
    cache_read: bool
    cache_write: bool

    @property
    def succeeded(self) -> bool:
        return self.outcome != "failure"

    @property
    def route(self) -> str:
        """LiteLLM's word for the provider."""
        cloud = self.deployment.cloud
        return cloud.route if cloud else self.deployment.provider

    @property
    def api_base(self) -> str:
        cloud = self.deployment.cloud
        return cloud.api_base.replace("%", "%%") if cloud else API_BASES[self.deployment.provider]

    @property
    def price_key(self) -> str:
        """What LiteLLM's price map calls the model."""
        cloud = self.deployment.cloud
        if cloud is None:
            return self.model_name
        return cloud.base_model or f"{cloud.route}/{cloud.routed_model}"

    @property
    def model_name(self) -> str:
        """OpenAI models are routed by their alias, Anthropic's by their snapshot."""
        if self.deployment.cloud:
            return self.deployment.cloud.routed_model
        openai = self.deployment.provider == "openai"
        return self.deployment.model if openai else self.deployment.bill_model

    @property
    def cache_key(self) -> str | None:
        return "%(cache_key)s" if self.outcome == "cache_hit" else None


def number(name: str) -> str:
    """A value that stands in the record without quotes; `record_template` removes the marks."""
    return f"#%({name})s#"
