"""Bedrock's usage types: region, model, what is counted, tier and route in one word.

`<REGION3>-[MP:<REGION3>_]<model?>-[mantle-]<direction>[-<tier>][-cross-region-global]…`
"""

from dataclasses import dataclass
from typing import Final

from ingestion.bills.aws_cur.models import model_of
from ingestion.bills.tables.patterns import Pattern, first_match

_R: Final = r"(?-i:[A-Z]{2,4}\d-|EU-)?"
_M: Final = r"(?P<model>[\w.: -]+?)-(?:mantle-)?"
_S: Final = (
    r"(?P<suffix>(?:-(?:standard|batch|flex|priority|latency-optimized|cross-region-global|cross-region"
    r"|global|long-context|custom-model))*)"
)
_P: Final = r"(?-i:[A-Z]{2,4}\d-)?MP:(?-i:[A-Z]{2,4}\d_)"
_PS: Final = (
    r"(?P<suffix>(?:_(?:global|standard|batch|flex|priority|regional|lctx|long_context))*)-Units"
)


def _tokens(meter: str) -> dict[str, str]:
    return {"kind": "tokens", "meter": meter}


# The first that knows all of a usage type says what it is.
USAGE_TYPES: Final = (
    # no model in the word
    Pattern(rf"{_R}input-tokens{_S}", _tokens("input"), ("USE1-input-tokens",)),
    Pattern(
        rf"{_R}output-tokens{_S}", _tokens("output"), ("USE1-output-tokens-cross-region-global",)
    ),
    Pattern(
        rf"{_R}{_M}input-tokens{_S}",
        _tokens("input"),
        (
            *(
                "USE1-Claude4.6Sonnet-input-tokens",
                "USE1-qwen.qwen3-32b-mantle-input-tokens-standard",
            ),
            "USE1-Claude4.6Opus-input-tokens-cross-region-global",
            *(
                "USE1-Llama4-Maverick-17B-input-tokens-batch",
                "USE1-Gemma-3-4B-IT-input-tokens-flex",
            ),
            "USE1-GPT-OSS-Safeguard-20B-input-tokens-priority",
            *("USE1-NovaMultiModalEmbeddings-input-tokens-batch", "EU-Claude3Haiku-input-tokens"),
        ),
    ),
    Pattern(
        rf"{_R}{_M}output-tokens{_S}",
        _tokens("output"),
        ("USE1-Claude4.6Sonnet-output-tokens", "USE1-NovaPro-output-tokens-batch"),
    ),
    Pattern(
        rf"{_R}{_M}cache-read-(?:input-)?token(?:s|-count){_S}",
        _tokens("cache_read"),
        (
            "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global",
            "USW2-anthropic.claude-opus-4-8-mantle-cache-read-tokens-global-standard",
        ),
    ),
    Pattern(
        rf"{_R}{_M}cache-write-(?:1h|1hr|1-hour)-(?:input-)?token(?:s|-count){_S}",
        _tokens("cache_write_1h"),
        ("USE1-Claude4.6Sonnet-cache-write-1h-input-token-count",),
    ),
    Pattern(
        rf"{_R}{_M}cache-write-(?:5m-)?(?:input-)?token(?:s|-count){_S}",
        _tokens("cache_write_5m"),
        (
            "USW2-Claude4.6Sonnet-cache-write-input-token-count",
            "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard",
            "USE1-NovaPro-cache-write-input-token-count-custom-model",
        ),
    ),
    Pattern(
        rf"{_R}{_M}input-image-token-count{_S}",
        _tokens("image_input"),
        ("USE1-Nova2.0Pro-input-image-token-count-cross-region-global",),
    ),
    Pattern(
        rf"{_R}{_M}input-(?:audio|speech)-token-count{_S}",
        _tokens("audio_input"),
        ("USE1-NovaSonic-input-speech-token-count",),
    ),
    Pattern(
        rf"{_R}{_M}output-(?:audio|speech)-token-count{_S}",
        _tokens("audio_output"),
        ("USE1-NovaSonic-output-speech-token-count",),
    ),
    # sold through the Marketplace: the model is in the product's name
    Pattern(
        rf"{_P}(?:InputTokenCount|input_tokens){_PS}",
        _tokens("input"),
        (
            *("USE1-MP:USE1_InputTokenCount-Units", "USE1-MP:USE1_InputTokenCount_Global-Units"),
            "USE1-MP:USE1_input_tokens_standard-Units",
        ),
    ),
    Pattern(
        rf"{_P}(?:OutputTokenCount|output_tokens){_PS}",
        _tokens("output"),
        (
            "USE1-MP:USE1_OutputTokenCount-Units",
            "APS3-MP:APS3_output_tokens_global_standard-Units",
        ),
    ),
    Pattern(
        rf"{_P}(?:CacheRead(?:Input)?TokenCount|cache_read_(?:input_)?tokens){_PS}",
        _tokens("cache_read"),
        ("USE1-MP:USE1_CacheReadInputTokenCount-Units",),
    ),
    Pattern(
        rf"{_P}(?:CacheWrite1h(?:Input)?TokenCount|cache_write_1h_(?:input_)?tokens){_PS}",
        _tokens("cache_write_1h"),
        ("USE1-MP:USE1_CacheWrite1hInputTokenCount-Units",),
    ),
    Pattern(
        rf"{_P}(?:CacheWrite(?:Input)?TokenCount|cache_write_(?:input_)?tokens){_PS}",
        _tokens("cache_write_5m"),
        ("USE1-MP:USE1_CacheWriteInputTokenCount-Units",),
    ),
    Pattern(
        rf"{_R}(?P<model>[\w.: -]+?)-(?:T2I|I2I)-.+",
        {"kind": "tool", "meter": "images"},
        ("USE1-TitanImageGeneratorG1-T2I-1024-Standard",),
    ),
    # what no request counts
    Pattern(
        rf"{_R}(?P<model>[\w.: -]+?)-input-image",
        {"kind": "tool"},
        ("USE1-TitanEmbeddingsG1-Image-input-image",),
    ),
    Pattern(
        rf"{_R}.*(?:Provisioned|ModelUnit|Reserved).*",
        {"kind": "session"},
        ("USE1-Claude3Sonnet-ProvisionedThroughput-ModelUnits",),
    ),
    Pattern(
        rf"{_R}.*(?:Customization-Training|training).*",
        {"kind": "training"},
        ("USE1-NovaPro-Customization-Training",),
    ),
    Pattern(
        rf"{_R}.*(?:Customization-Storage|model-storage|Storage).*",
        {"kind": "storage"},
        ("USE1-NovaPro-Customization-Storage",),
    ),
    Pattern(
        rf"{_R}.*(?:Guardrail|KnowledgeBase|AgentCore|DataAutomation|Flow|Rerank|Evaluation).*",
        {"kind": "tool"},
        ("USE1-Guardrail-ContentPolicyUnitsConsumed", "USE1-AgentCore-Runtime-vCPU-Hours"),
    ),
)
_TIERS: Final = ("batch", "flex", "priority")


@dataclass(frozen=True, slots=True)
class UsageType:
    kind: str  # a charge_kind of the contract
    model: str | None = None
    meter: str | None = None
    service_tier: str | None = None


def read_usage_type(text: str, product: str | None = None) -> UsageType:
    """`unparsed` where the wording is unknown; the model of a word without one is the product's."""
    said = first_match(USAGE_TYPES, text)
    if said is None:
        return UsageType("unparsed")
    suffix = said.get("suffix", "").lower()
    model = model_of(said.get("model"), product, is_global="global" in suffix)
    tier = next((tier for tier in _TIERS if tier in suffix), None)
    standard = "standard" if said["kind"] == "tokens" else None
    return UsageType(said["kind"], model, said.get("meter"), tier or standard)
