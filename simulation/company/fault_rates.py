"""How often things go wrong, as shares of calls or of objects."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FaultRates:
    # Calls: at most one of these happens to a call.
    retried: float = 0.012  # first attempt fails, the retry succeeds
    fell_back: float = 0.006  # first attempt fails, another model answers
    failed: float = 0.008  # every attempt fails: one failure object
    repeated: float = 0.03  # the gateway's response cache answers
    # Tags: at most one of these happens to a call.
    without_feature: float = 0.008
    without_tier: float = 0.005
    without_any_tag: float = 0.004
    variant_spelling: float = 0.01  # aliases.csv folds it
    unknown_spelling: float = 0.002  # aliases.csv does not know it
    # Delivery of log objects.
    delivered_twice: float = 0.004  # of requests, verbatim, in another object
    delivered_late: float = 0.03  # of objects, under the next day's folder
    single_objects: float = 0.001  # of requests, as plain one-request objects
    # Bills.
    outside_gateway: bool = True
    non_token_charges: bool = True
    credits_and_tax: bool = True

    def without_tags(self) -> "FaultRates":
        return replace(self.with_clean_tags(), without_any_tag=1.0)

    def with_clean_tags(self) -> "FaultRates":
        return replace(
            self,
            without_feature=0.0,
            without_tier=0.0,
            without_any_tag=0.0,
            variant_spelling=0.0,
            unknown_spelling=0.0,
        )
