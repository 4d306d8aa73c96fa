"""How much memory a run may use, as tollbook.yaml says it: a size, or a part of the machine's."""

import re
from typing import Final

DEFAULT_MEMORY: Final = "50%"
ADVICE: Final = "write a size like 4GB, of at least 256MB, or a part of the machine like 50%"
_SIZE: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([MGT])(i?)B", re.IGNORECASE)
_PERCENT: Final = re.compile(r"([0-9]{1,2}(?:\.[0-9])?)%")
_POWERS: Final = {"M": 2, "G": 3, "T": 4}
# Below it not even an empty warehouse is built.
LEAST: Final = 256 * 1000**2


def memory_bytes(limit: str, machine: int) -> int | None:
    """Of a machine with so many bytes; None where the text is no limit."""
    if percent := _PERCENT.fullmatch(limit):
        return int(machine * float(percent[1]) / 100) if float(percent[1]) > 0 else None
    if size := _SIZE.fullmatch(limit):
        number, letter, binary = size.groups()
        count = int(float(number) * (1024 if binary else 1000) ** _POWERS[letter.upper()])
        return count if count >= LEAST else None
    return None
