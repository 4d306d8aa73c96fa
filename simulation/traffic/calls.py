"""Who calls, for what and when: a call before anything happened to it."""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from simulation.company.catalog import Company, Customer, Deployment, Feature, GatewayKey, Route
from simulation.company.fault_rates import FaultRates
from simulation.company.founding import ENVIRONMENTS
from simulation.company.random_names import CallIds
from simulation.company.untagged import Sessions
from simulation.traffic.tags import TagFaults


@dataclass(slots=True)
class Call:
    head: str  # of all its ids
    started: int  # epoch microseconds
    feature: Feature
    route: Route
    key: GatewayKey
    customer: Customer
    tag_fault: str
    tag_feature: str | None
    session: str = ""

    @property
    def deployment(self) -> Deployment:
        return self.route.production if self.is_production else self.route.elsewhere

    @property
    def is_production(self) -> bool:
        return self.key.environment == "prod"


class Callers:
    """Draws calls by the features' shares of the company's traffic."""

    def __init__(self, company: Company, faults: FaultRates, rng: Random) -> None:
        self._company = company
        self._rng = rng
        self.ids = CallIds(rng)
        self._tag_faults = TagFaults(company, faults, rng)
        self._keys = {(key.team, key.environment): key for key in company.keys}
        self._sessions = Sessions(Random(rng.random())) if company.untagged else None
        self._features = list(accumulate(feature.share for feature in company.features))
        self._environments = list(accumulate(share for _, share in ENVIRONMENTS))

    def call(self, started: int) -> Call:
        uniform = self._rng.random
        feature = self._company.features[_place(self._features, uniform())]
        environment = ENVIRONMENTS[_place(self._environments, uniform())][0]
        route = feature.routes[0]
        if len(feature.routes) > 1 and uniform() >= route.weight:
            route = feature.routes[1]
        call = Call(
            self.ids.draw(),
            started,
            feature,
            route,
            self._keys[feature.team, environment],
            self._customer(feature, environment),
            *self._tag_faults.draw(feature),
        )
        if self._sessions is not None:
            call.session, call.customer = self._sessions.join(feature, call.key, call.customer)
        return call

    def _customer(self, feature: Feature, environment: str) -> Customer:
        company, uniform = self._company, self._rng.random
        if environment != "prod":
            return company.sandbox_customer
        enterprise = uniform() < feature.enterprise_share
        customers = company.enterprise_customers if enterprise else company.free_customers
        # Squared: few customers ask most.
        return customers[int(len(customers) * uniform() ** 2)]


def _place(bounds: list[float], drawn: float) -> int:
    return bisect(bounds, drawn * bounds[-1], hi=len(bounds) - 1)
