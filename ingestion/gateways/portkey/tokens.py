"""The token counts of a call in Portkey's logs as disjoint meters.

The provider's own counts are in its answer; what Portkey made of them stands in OpenAI's form, with
Anthropic's cached tokens and Gemini's reasoning beside, as the total there proves. An export
without answers has input and output alone; where Gemini's total is more, that was reasoning.
"""

from typing import Final

from ingestion.gateways.access_logs.usage import raw_usage as usage_of_columns
from ingestion.gateways.access_logs.usage import token_meters
from ingestion.gateways.bodies.answer import Answer
from ingestion.gateways.portkey.call import Call
from ingestion.reading.usage.token_counts import CountNames, TokenCounts
from ingestion.records import Row

NAMES: Final = CountNames("req_units", "res_units", "total_units")


def answered_meters(call: Call, answer: Answer, provider: str | None, operation: str) -> Row:
    """Of the answer, else of the units; unknown where both are silent."""
    if answer.tells_usage:
        return answer.meters(provider, operation)
    units = call.units
    read, made = units.input or 0, units.output or 0
    beside = (units.total or 0) - read - made
    if provider == "google" and read + made and beside > 0:
        counts = TokenCounts(read, made + beside, units.total, reasoning=beside)
    else:
        counts = TokenCounts(units.input, units.output, units.total)
    return token_meters(counts, NAMES)


def raw_usage(call: Call, answer: Answer) -> str | None:
    units = call.units
    said = {"req_units": units.input, "res_units": units.output, "total_units": units.total}
    return answer.raw_usage or usage_of_columns(said)
