"""One fault, or all, laid on the same company, run, and held against what must be found."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from accuracy.measure import NOTHING, Bench, Measured, share_right
from simulation.faults.company import SEED, found
from simulation.faults.every_fault import laid
from simulation.faults.finding import Finding


@dataclass(slots=True)
class Result:
    """What a case must lead to, and what it led to: pico-dollars beside the flawless company."""

    case: str
    findings: list[Finding]
    expected: Counter[str]
    moved: dict[str, int]
    joint: Decimal
    conserved: bool
    signs_raised: bool
    signs: dict[str, int]
    problems: list[str]
    published: bool

    @property
    def refused(self) -> str:
        """Words of the error that must refuse a provider's bills, else empty."""
        return "".join(finding.refused for finding in self.findings)

    @property
    def found(self) -> bool:
        if self.refused:
            return self.published and any(self.refused in each for each in self.problems)
        expected = {place: amount for place, amount in self.expected.items() if amount}
        return not self.problems and self.moved == expected and self.signs_raised

    @property
    def is_right(self) -> bool:
        return self.found and self.conserved and self.joint >= Decimal("0.999")


def run_cases(
    cases: Iterable[str], bench: Bench, seed: int = SEED, clouds: Collection[str] = ()
) -> Iterator[Result]:
    """The flawless company first: what it has in a place is no fault's."""
    company = found(seed, clouds)
    flawless = bench.measure(company)
    joint = share_right(flawless.joint, company.places())
    yield _result("", [], Counter(), flawless, flawless, joint)
    for case in cases:
        company = found(seed, clouds)
        faults = laid(case, in_clouds=bool(clouds))
        findings = [fault(company, Random(f"{seed} {name}")) for name, fault in faults]
        measured = bench.measure(company)
        expected: Counter[str] = Counter()
        for finding in findings:
            expected.update(finding.expected(company))
        refused = {finding.refused_provider for finding in findings}
        places = {
            place: pico for place, pico in company.places().items() if place[0] not in refused
        }
        joint = share_right(measured.joint, Counter(places))
        yield _result(case, findings, expected, measured, flawless, joint)


def _result(
    case: str,
    findings: list[Finding],
    expected: Counter[str],
    measured: Measured,
    flawless: Measured,
    joint: Decimal,
) -> Result:
    # requests of what is refused are estimated
    allowed = ("estimated_cost",) if any(finding.refused for finding in findings) else ()
    left = {
        name: measured.places[name]
        for name in NOTHING
        if measured.places[name] and name not in allowed
    }
    moved = {
        name: measured.places[name] - flawless.places[name]
        for name in measured.places
        if measured.places[name] != flawless.places[name]
    }
    return Result(
        case,
        findings,
        expected,
        moved | left,
        joint,
        measured.published and measured.allocated == measured.invoiced and not left,
        all(
            measured.signs[sign] > flawless.signs[sign]
            for finding in findings
            for sign in finding.signs
        ),
        measured.signs,
        measured.problems,
        measured.published,
    )
