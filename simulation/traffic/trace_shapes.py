"""Token sizes and arrivals with the shape of production traces, kept as quantiles.

`trace_shapes.json` names the traces and their licences; `extract_shapes.py` makes it.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

SHAPES_FILE: Final = Path(__file__).with_name("trace_shapes.json")
# Prefix shares and arrival gaps are stored as whole thousandths.
UNIT: Final = 1000


class Quantiles:
    """Draws from an empirical distribution by interpolating between its quantiles."""

    def __init__(self, values: Sequence[int], uniform: Callable[[], float]) -> None:
        self._lower = list(values[:-1])
        self._step = [after - before for before, after in pairwise(values)]
        self._uniform = uniform

    def draw(self) -> float:
        place = self._uniform() * len(self._lower)
        index = int(place)
        return self._lower[index] + self._step[index] * (place - index)


class TokenShape:
    """Draws (input tokens, output tokens) of one request, output given its band of input."""

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: Sequence[Sequence[int]],
        uniform: Callable[[], float],
    ) -> None:
        self._input = Quantiles(inputs, uniform)
        self._output = [Quantiles(band, uniform) for band in outputs]
        bands = len(outputs)
        self._limits = [inputs[(len(inputs) - 1) * band // bands] for band in range(1, bands)]

    def draw(self) -> tuple[float, float]:
        tokens_in = self._input.draw()
        return tokens_in, self._output[bisect_right(self._limits, tokens_in)].draw()


class Traces:
    """The shapes of all traces, drawing from one random source."""

    def __init__(self, uniform: Callable[[], float]) -> None:
        document = json.loads(SHAPES_FILE.read_text())
        self.tokens = {
            name: TokenShape(shape["input"], shape["output"], uniform)
            for name, shape in document["shapes"].items()
        }
        self.shared_prefix = Quantiles(document["shared_prefix"], uniform)
        self._gaps = Quantiles(document["arrival_gaps"], uniform)

    def arrivals(self, count: int, span: int) -> list[int]:
        """`count` sorted whole moments in [0, span), as bursty as the trace."""
        gaps = list(accumulate(self._gaps.draw() + 1 for _ in range(count + 1)))
        scale = span / gaps[-1]
        return [min(int(at * scale), span - 1) for at in gaps[:count]]
