"""Ready-made simulations."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from simulation.company.industries import HR, INDUSTRIES, Industry
from simulation.logs.objects import Layout


@dataclass(frozen=True, slots=True)
class Preset:
    """The arguments of a simulation that are not given, and how it is stored."""

    requests: int
    days: int
    seed: int
    start: date
    layout: Layout
    truth_per_request: bool
    industry: Industry | None = None  # None: the seed chooses
    industries: tuple[Industry, ...] = INDUSTRIES
    untagged: bool = False


DEFAULT: Final = Preset(
    requests=10_000,
    days=30,
    seed=1,
    start=date(2026, 9, 1),
    layout=Layout(),
    truth_per_request=True,
)
PRESETS: Final = {
    # The committed sample workspace: two months in less than 5 MB.
    "sample": Preset(
        requests=25_000,
        days=61,
        seed=2026,
        start=date(2026, 9, 1),
        layout=Layout(hourly=False, compression_level=15, most_singles=8),
        truth_per_request=False,
        industry=HR,
    ),
    # Day 0 of the HR company: nothing tagged, no teams, no name that tells a feature.
    "untagged": Preset(
        requests=20_000,
        days=30,
        seed=7,
        start=date(2026, 9, 1),
        layout=Layout(),
        truth_per_request=True,
        industry=HR,
        untagged=True,
    ),
}


def find_preset(name: str | None) -> Preset:
    """Raises ValueError for a name that no preset has."""
    if name is None:
        return DEFAULT
    if name not in PRESETS:
        raise ValueError(f"no preset `{name}`: choose {', '.join(PRESETS)} or none")
    return PRESETS[name]
