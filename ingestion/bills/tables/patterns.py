"""Parsers of opaque words (usage types, meters, SKU texts) as tables of patterns with examples."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Pattern:
    """Matched on the whole text, in any case. `says` is what all that match are; groups by name say
    the rest. `examples` are texts that this pattern matches, and none before it.
    """

    regex: str
    says: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex, re.IGNORECASE)

    def match(self, text: str) -> dict[str, str] | None:
        found = self._compiled.fullmatch(text)
        if found is None:
            return None
        groups = {name: value for name, value in found.groupdict().items() if value is not None}
        return {**self.says, **groups}


def first_match(patterns: Iterable[Pattern], text: str) -> dict[str, str] | None:
    return next((said for each in patterns if (said := each.match(text)) is not None), None)


def unproven(patterns: Sequence[Pattern]) -> list[str]:
    """Patterns without an example, and examples that another pattern takes; for tests."""
    wrong = [each.regex for each in patterns if not each.examples]
    for pattern in patterns:
        for example in pattern.examples:
            taken = next((p for p in patterns if p.match(example) is not None), None)
            if taken is not pattern:
                wrong.append(f"{example}: {taken.regex if taken else 'no pattern'}")
    return wrong
