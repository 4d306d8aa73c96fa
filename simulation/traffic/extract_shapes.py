"""Makes `trace_shapes.json` from the published traces.

`python -m simulation.traffic.extract_shapes DIR` reads them in a folder.
Only quantiles leave the traces, so that the package stays small and holds no request of theirs.
"""

import csv
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

INPUT_STEPS = 128
OUTPUT_STEPS = 32
OUTPUT_BANDS = 3
PREFIX_BLOCK_TOKENS = 512


def main() -> None:
    folder = Path(sys.argv[1])
    conversation = _azure(folder / "azure_llm_2023_conversation.csv")
    code = _azure(folder / "azure_llm_2023_code.csv")
    mooncake = [
        json.loads(line)
        for line in (folder / "mooncake_conversation.jsonl").read_text().splitlines()
    ]
    sizes = [(each["input_length"], each["output_length"]) for each in mooncake]
    document = {
        "sources": [
            {
                "trace": "azure_llm_2023_conversation, azure_llm_2023_code",
                "from": "Azure/AzurePublicDataset (Splitwise, ISCA 2024)",
                "licence": "CC BY 4.0; changed: reduced to quantiles",
            },
            {
                "trace": "mooncake_conversation",
                "from": "kvcache-ai/Mooncake (FAST'25)",
                "licence": "Apache-2.0; changed: reduced to quantiles",
            },
        ],
        "shapes": {
            "azure_conversation": _token_shape([size for _, size in conversation]),
            "azure_code": _token_shape([size for _, size in code]),
            "mooncake": _token_shape(sizes),
        },
        # in thousandths of the mean gap
        "arrival_gaps": _arrival_gaps([at for at, _ in conversation]),
        # in thousandths of the prompt
        "shared_prefix": _shared_prefixes(mooncake),
    }
    target = Path(__file__).with_name("trace_shapes.json")
    target.write_text(json.dumps(document, separators=(",", ":")) + "\n")


def _azure(file: Path) -> list[tuple[datetime, tuple[int, int]]]:
    with file.open(newline="") as lines:
        return [
            (
                datetime.fromisoformat(row["TIMESTAMP"][:26] + "+00:00"),
                (int(row["ContextTokens"]), int(row["GeneratedTokens"])),
            )
            for row in csv.DictReader(lines)
        ]


def _token_shape(sizes: list[tuple[int, int]]) -> dict[str, Any]:
    """Quantiles of input, and of output within each third of the requests by input."""
    ordered = sorted(sizes)
    third = len(ordered) // OUTPUT_BANDS
    bands = [ordered[band * third : (band + 1) * third] for band in range(OUTPUT_BANDS)]
    return {
        "input": _quantiles([size[0] for size in ordered], INPUT_STEPS),
        "output": [_quantiles([size[1] for size in band], OUTPUT_STEPS) for band in bands],
    }


def _arrival_gaps(instants: list[datetime]) -> list[int]:
    gaps = [(after - before).total_seconds() for before, after in pairwise(instants)]
    mean = sum(gaps) / len(gaps)
    return _quantiles([round(1000 * gap / mean) for gap in gaps], INPUT_STEPS)


def _shared_prefixes(requests: list[dict[str, Any]]) -> list[int]:
    """Share of each prompt whose leading blocks an earlier request had: what a cache can hit."""
    seen: set[int] = set()
    shares = []
    for request in requests:
        blocks = request["hash_ids"]
        known = next((at for at, block in enumerate(blocks) if block not in seen), len(blocks))
        seen.update(blocks)
        shares.append(min(1000, 1000 * known * PREFIX_BLOCK_TOKENS // request["input_length"]))
    return _quantiles(shares, OUTPUT_STEPS)


def _quantiles(values: Sequence[int], steps: int) -> list[int]:
    ordered = sorted(values)
    return [ordered[(len(ordered) - 1) * step // steps] for step in range(steps + 1)]


if __name__ == "__main__":
    main()
