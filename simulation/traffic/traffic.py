"""The attempts that the calls of a day take."""

from collections.abc import Iterator
from random import Random
from typing import Final

from simulation.company.catalog import Company, Customer, Deployment, Feature
from simulation.company.fault_rates import FaultRates
from simulation.traffic.attempt import NOTHING, Attempt
from simulation.traffic.calendar_shape import arrivals_of_day
from simulation.traffic.calls import Call, Callers
from simulation.traffic.token_draws import MOST_INPUT, TokenDraws
from simulation.traffic.trace_shapes import Traces

SECOND: Final = 1_000_000  # microseconds
MILLISECOND: Final = 1000
ERRORS: Final = (429, 429, 500, 503)
BATCH_HOURS: Final = (1, 9)
MOST_BATCHED: Final = 8


class Traffic:
    """All attempts of a company, day by day, from one random source."""

    def __init__(self, company: Company, faults: FaultRates, rng: Random, end: int) -> None:
        self._callers = Callers(company, faults, rng)
        self.ids = self._callers.ids
        self._faults = faults
        self._rng = rng
        self._end = end  # epoch microseconds: every batch job completes before
        self.traces = Traces(rng.random)
        self.tokens = TokenDraws(rng, self.traces)
        self._answered: dict[Feature, tuple[Attempt, Customer]] = {}

    def attempts(self, midnight: int, count: int) -> Iterator[Attempt]:
        """Exactly `count` attempts whose calls start on the day, ordered by their calls."""
        taken = 0  # attempts beyond the first, each in the place of another call
        for place, at in enumerate(arrivals_of_day(count, self._rng, self.traces)):
            if taken:
                taken -= 1
                continue
            happened = self._happen(self._callers.call(midnight + at), alone=place == count - 1)
            taken += len(happened) - 1
            yield from happened

    def _happen(self, call: Call, *, alone: bool) -> list[Attempt]:
        """The attempts of a call; only one where it is `alone`."""
        faults, fate = self._faults, self._rng.random()
        original = self._answered.get(call.feature)
        repeats = faults.repeated * call.feature.repeat_share
        if fate < repeats and original is not None and call.is_production:
            return [self._repeat(call, *original)]
        fate -= repeats
        if 0 <= fate < faults.failed:
            return [self._failure(call)]
        fate -= faults.failed
        if 0 <= fate < faults.retried and not alone:
            return self._after_failure(call, call.deployment, "retry")
        fate -= faults.retried
        if 0 <= fate < faults.fell_back and not alone and call.is_production:
            return self._after_failure(call, call.route.fallback, "fallback")
        if self._rng.random() < call.route.batch_share:
            return [self._batch(call)]
        success = self._success(call, call.deployment, call.started, "primary")
        if call.is_production:
            self._answered[call.feature] = success, call.customer
        return [success]

    def _after_failure(self, call: Call, deployment: Deployment, role: str) -> list[Attempt]:
        failure = self._failure(call)
        again = failure.ended + SECOND + int(SECOND * self._rng.random())
        return [failure, self._success(call, deployment, again, role)]

    def _success(self, call: Call, deployment: Deployment, started: int, role: str) -> Attempt:
        rng = self._rng
        tokens_in, tokens_out = self.tokens.sizes(call.feature)
        # Only production prompts come often enough to be found in the provider's cache.
        cached_share = call.feature.cached_prompt_share if call.is_production else 0.0
        metered = self.tokens.meters(cached_share, deployment, tokens_in, tokens_out)
        priority = (
            deployment is call.route.production
            and call.customer.standing(started)[0] == "enterprise"
            and rng.random() < call.route.priority_share
        )
        # Milliseconds: a thirty-second of one per token read and eleven per token written.
        took = (250 + tokens_in // 32 + 11 * tokens_out) * (0.7 + 0.6 * rng.random())
        attempt = self._attempt(call, deployment, started, started + int(took) * MILLISECOND)
        attempt.request_id = self.ids.response_id(call.head, deployment.provider)
        attempt.role = role
        attempt.service_tier = "priority" if priority else "standard"
        attempt.stream = rng.random() < call.feature.stream_share
        attempt.logged = attempt.metered = metered
        attempt.reasoning = self.tokens.reasoning(deployment, tokens_out)
        return attempt

    def _batch(self, call: Call) -> Attempt:
        """A batch job: one record with the tokens of all its requests, logged on completion."""
        rng = self._rng
        tokens_in, tokens_out = self.tokens.sizes(call.feature)
        jobs = min(2 + int(rng.random() * MOST_BATCHED), max(1, MOST_INPUT // tokens_in))
        hours = rng.uniform(*BATCH_HOURS)
        ended = min(call.started + int(hours * 3600 * SECOND), self._end - 1)
        attempt = self._attempt(call, call.deployment, call.started, ended)
        attempt.request_id = self.ids.batch_id(call.head)
        attempt.service_tier = "batch"
        attempt.batched_requests = jobs
        attempt.logged = attempt.metered = (tokens_in * jobs, 0, 0, 0, tokens_out * jobs)
        attempt.reasoning = self.tokens.reasoning(call.deployment, tokens_out) * jobs
        return attempt

    def _failure(self, call: Call) -> Attempt:
        rng = self._rng
        ended = call.started + int((0.02 + 2 * rng.random()) * SECOND)
        attempt = self._attempt(call, call.deployment, call.started, ended)
        attempt.outcome = "failure"
        attempt.http_status = rng.choice(ERRORS)
        return attempt

    def _repeat(self, call: Call, original: Attempt, customer: Customer) -> Attempt:
        """The gateway answers the same customer again: tokens as before, and nothing to bill."""
        call.customer = customer
        ended = call.started + 300 + int(400 * self._rng.random())
        attempt = self._attempt(call, original.deployment, call.started, ended)
        seconds, micros = divmod(ended, SECOND)
        attempt.request_id = f"{original.request_id}_cache_hit{seconds}.{micros:06d}"
        attempt.outcome = "cache_hit"
        attempt.stream = original.stream
        attempt.logged = original.logged
        attempt.reasoning = original.reasoning
        return attempt

    def _attempt(self, call: Call, deployment: Deployment, started: int, ended: int) -> Attempt:
        """A primary attempt that nothing is known of yet; failures keep its request id."""
        tier, plan = call.customer.standing(started)
        call_id = self.ids.call_id(call.head)
        return Attempt(
            head=call.head,
            call_id=call_id,
            request_id=call_id,
            role="primary",
            outcome="success",
            started=started,
            ended=ended,
            feature=call.feature,
            key=call.key,
            customer_id=call.customer.customer_id,
            tier=tier,
            plan=plan,
            deployment=deployment,
            service_tier="standard",
            stream=False,
            logged=NOTHING,
            metered=NOTHING,
            reasoning=0,
            http_status=200,
            batched_requests=1,
            tag_fault=call.tag_fault,
            tag_feature=call.tag_feature,
            session=call.session,
        )
