"""`make fuzz SECONDS=60`: mutated files through every reader; status 1 when one got through."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.fuzzing import fuzz


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tollbook-fuzz-"))
    found = fuzz(folder, arguments.seconds, arguments.seed)
    print(
        f"seed {arguments.seed}: {found.files} files, {found.records} records,"
        f" {found.quarantined} quarantined, {found.refused_bills} bills refused,"
        f" {len(found.escapes)} escapes"
    )
    for escape in found.escapes:
        print(f"escaped: {escape}", file=sys.stderr)
    return 1 if found.escapes else 0


if __name__ == "__main__":
    sys.exit(main())
