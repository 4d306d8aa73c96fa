"""How much one object of a log may hold: beyond it, what was read stands and the rest is told."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 2**20
# Records of one object that could not be read and are told one by one.
REJECTS_KEPT: Final = 1000
# Logs compress five to fifty times; what compresses more is told apart once it is worth it.
RATIO_FROM: Final = 16 * MEBIBYTE


class TooLarge(ValueError):
    """The sentence says which limit, and the option that raises it."""


@dataclass(frozen=True, slots=True)
class ObjectLimits:
    """Decompressed mebibytes, decompressed by compressed bytes, and records of one object."""

    object_max_mb: int = 512
    object_max_ratio: int = 250
    object_max_records: int = 5_000_000

    def problem(self, size: int, compressed: int | None = None) -> str | None:
        """What is wrong with so many bytes, of so many compressed ones."""
        if size > self.object_max_mb * MEBIBYTE:
            return f"more than {self.object_max_mb} MiB: raise object_max_mb if that is right"
        if compressed and size > max(RATIO_FROM, compressed * self.object_max_ratio):
            return (
                f"more than {self.object_max_ratio} times its compressed size: raise"
                " object_max_ratio if that is right"
            )
        return None

    def many(self) -> str:
        return (
            f"more than {self.object_max_records} records: raise object_max_records if that is"
            " right"
        )


DEFAULT_LIMITS: Final = ObjectLimits()
# Keys of tollbook.yaml: what each one is by default, and of what.
OBJECT_LIMITS: Final = {
    "object_max_mb": (DEFAULT_LIMITS.object_max_mb, "mebibytes"),
    "object_max_ratio": (DEFAULT_LIMITS.object_max_ratio, "times"),
    "object_max_records": (DEFAULT_LIMITS.object_max_records, "records"),
}
