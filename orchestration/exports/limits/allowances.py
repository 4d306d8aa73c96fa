"""Allowances of users and customers as commands of Redis, where an application looks them up.

`HGETALL tollbook:allowance:user:<id>`, else that of `*`, which is everybody's. An application
counts for itself and compares: Tollbook does not sit in its way.
"""

from collections.abc import Sequence
from typing import Final

from ingestion.reference.csvs.budgets import PERSONS
from orchestration.exports.limits.budgets import Budget, rounded

KEY: Final = "tollbook:allowance"
# A file of more is none that a person looks at: their budget is one line of `*`.
MOST: Final = 10_000


def allowances(budgets: Sequence[Budget]) -> tuple[bytes, int, int]:
    """The file, how many commands it has, and how many budgets were left out."""
    of_persons = [budget for budget in budgets if budget.scope in PERSONS]
    lines = [_command(budget) for budget in of_persons[:MOST]]
    left_out = len(of_persons) - len(lines)
    return "".join(f"{line}\n" for line in lines).encode(), len(lines), left_out


def _command(budget: Budget) -> str:
    amounts = {
        "expected": budget.expected,
        "budget": budget.budget,
        "soft": budget.soft,
        "hard": budget.hard,
    }
    fields = [
        f"{name}:{budget.unit} {rounded(amount)}"
        for name, amount in amounts.items()
        if amount is not None
    ]
    place = f":{budget.environment}" if budget.environment else ""
    return f"HSET {quoted(f'{KEY}:{budget.scope}:{budget.scope_id}{place}')} {' '.join(fields)}"


def quoted(text: str) -> str:
    """As redis-cli reads a word: in quotes, with what is no plain character as \\xHH."""
    plain = "".join(
        character
        if 32 < code < 127 and character not in '"\\'
        else "".join(f"\\x{byte:02x}" for byte in character.encode())
        for character, code in ((each, ord(each)) for each in text)
    )
    return plain if plain == text else f'"{plain}"'
