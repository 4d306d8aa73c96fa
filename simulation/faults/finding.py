"""What a fault must lead to: which place of the marts, and how much money."""

from collections import Counter
from dataclasses import dataclass, field

from simulation.faults.company import Company, Shortage

NO_MONEY_MOVES = "no money moves"


@dataclass(slots=True)
class Finding:
    """`amounts` are pico-dollars by place: a residual cause, rate_variance or quantity_variance.

    Without any, no money moves. `signs` are counts of the marts that the fault must raise.
    """

    done: str
    amounts: dict[str, int] = field(default_factory=dict)
    shortages: list[Shortage] = field(default_factory=list)
    signs: tuple[str, ...] = ()
    refused: str = ""  # words of the error that refuses the bills of a provider
    refused_provider: str = ""

    def expected(self, company: Company) -> Counter[str]:
        """Pico-dollars by place, once all faults of the company are known."""
        places = Counter(self.amounts)
        for shortage in self.shortages:
            places[company.cause(shortage)] += shortage.pico
        return places
