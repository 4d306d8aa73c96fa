"""One attempt of a call, as it truly happened: what the gateway logs and the provider bills."""

from dataclasses import dataclass
from typing import Final

from simulation.company.catalog import Deployment, Feature, GatewayKey

DAY: Final = 86_400_000_000  # microseconds
HOUR: Final = 3_600_000_000
NOTHING: Final = (0, 0, 0, 0, 0)

Tokens = tuple[int, int, int, int, int]  # by provider_prices.METERS


@dataclass(slots=True)
class Attempt:
    """Times are epoch microseconds. `metered` is what the provider counts: nothing for failures
    and for answers from the gateway's own cache, which still log their tokens."""

    head: str  # of all ids of the call
    call_id: str
    request_id: str
    role: str  # primary, retry or fallback
    outcome: str  # success, failure or cache_hit
    started: int
    ended: int
    feature: Feature
    key: GatewayKey
    customer_id: str
    tier: str
    plan: str
    deployment: Deployment
    service_tier: str  # standard, priority or batch
    stream: bool
    logged: Tokens
    metered: Tokens
    reasoning: int
    http_status: int
    batched_requests: int  # requests of a batch job, else 1
    tag_fault: str  # "" where all tags are complete and correctly spelt
    tag_feature: str | None  # as the tag spells it
    session: str = ""
    delivered_twice: bool = False
    delivered_late: bool = False

    @property
    def usage_day(self) -> int:
        """Days since 1970 of the provider's bucket: of the start, of a batch its completion."""
        return (self.ended if self.service_tier == "batch" else self.started) // DAY

    @property
    def usage_hour(self) -> int:
        """The same in hours since 1970."""
        return (self.ended if self.service_tier == "batch" else self.started) // HOUR
