"""What a block of the page found, in one line; the plain subject where a rule finds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.blocks.breakdown import Breakdown
from orchestration.exports.site.blocks.bridge import Bridge
from orchestration.exports.site.blocks.tables import CauseCost, FeatureCost, ModelCost
from orchestration.exports.site.statement import Statement
from orchestration.exports.site.wording.names import marked_up
from orchestration.exports.site.wording.numbers import Numbers

# From here on a part is worth a heading.
LARGE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Headlines:
    statement: Statement
    numbers: Numbers

    def where(self, breakdown: Breakdown) -> Markup:
        total = self.statement.now.total
        first = next((team for team in breakdown.teams if team.team != UNALLOCATED), None)
        if first is None or total <= 0 or first.total.now < LARGE * total:
            return Markup("Where it went")
        share = self.numbers.whole_share(first.total.now, total)
        text = Markup("{} went to {}").format(share, first.total.label)
        feature = first.entries[0]
        if feature.is_rest or feature.now < LARGE * total:
            return text
        part = self.numbers.whole_share(feature.now, total)
        return text + Markup(", {} to one feature: {}").format(part, feature.label)

    def bridge(self, bridge: Bridge) -> Markup:
        """Its largest effect, where one of requests is most of the change."""
        before = self.statement.before
        change = bridge.now - bridge.before
        name = self.numbers.month_alone(before.month) if before else ""
        text = f"{self.numbers.change(change)} on {name}"
        largest = bridge.largest
        if largest is None or abs(largest.cents) < LARGE * abs(change):
            return Markup.escape(text)
        return Markup.escape(f"{text}: {largest.said}")

    def unit_cost(self, features: Sequence[FeatureCost]) -> Markup:
        first = features[0]
        if not (
            self.statement.before and first.requests and first.requests_before and first.before
        ):
            return Markup("What a thousand requests cost")
        change = first.now * first.requests_before / (first.requests * first.before) - 1
        if abs(change) < 0.01:
            return Markup("What a thousand requests cost")
        name = marked_up(self.statement.names.feature(first.feature))
        return Markup("A request of {} costs {} {} than in {}").format(
            name,
            self.numbers.whole_share(round(abs(change) * 1_000_000), 1_000_000),
            "more" if change > 0 else "less",
            self.numbers.month_alone(self.statement.before.month),
        )

    def models(self, models: Sequence[ModelCost]) -> Markup:
        total = sum(model.now for model in models)
        if not models or total <= 0 or models[0].now < LARGE * total:
            return Markup("By model")
        share = self.numbers.whole_share(models[0].now, total)
        return Markup("{} is {} of what requests cost").format(marked_up(models[0].model), share)

    def tiers(self, tiers: Sequence[tuple[str, int, int, int]]) -> Markup:
        total = sum(cents for _, _, cents, _ in tiers)
        tier, _, cents, _ = tiers[0] if tiers else (UNALLOCATED, 0, 0, 0)
        if tier == UNALLOCATED or total <= 0 or cents < LARGE * total:
            return Markup("By customer tier")
        share = self.numbers.whole_share(cents, total)
        return Markup("Customer tier {} causes {}").format(marked_up(tier), share)

    def causes(self, causes: Sequence[CauseCost]) -> Markup:
        added = sum(cause.now for cause in causes if cause.now > 0)
        taken = sum(cause.now for cause in causes if cause.now < 0)
        text = f"What no request explains: {self.numbers.money(added)}"
        return Markup.escape(text + (f", and {self.numbers.money(-taken)} off" if taken else ""))
