"""What the five kinds of features ask of the models. Scales multiply the tokens of a trace."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RouteProfile:
    weight: float
    production: str  # keys of deployments, see `founding.py`
    elsewhere: str
    fallback: str
    batch_share: float = 0.0
    priority_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    share: float
    shape: str
    input_scale: float
    output_scale: float
    enterprise_share: float
    stream_share: float
    cached_prompt_share: float
    repeat_share: float
    routes: tuple[RouteProfile, ...]


PROFILES: Final = (
    # Whole bundles of documents per call: long prompts, the best model, some of it overnight.
    Profile(
        share=0.22,
        shape="mooncake",
        input_scale=4.6,
        output_scale=5.0,
        enterprise_share=0.85,
        stream_share=0.1,
        cached_prompt_share=0.35,
        repeat_share=0.5,
        routes=(
            RouteProfile(1.0, "opus@product", "haiku@nonprod", "gpt-4o@product", batch_share=0.08),
        ),
    ),
    Profile(
        share=0.13,
        shape="azure_code",
        input_scale=11.0,
        output_scale=150.0,
        enterprise_share=0.7,
        stream_share=0.3,
        cached_prompt_share=0.3,
        repeat_share=1.0,
        routes=(RouteProfile(1.0, "gpt-4o@product", "mini@nonprod", "opus@product"),),
    ),
    Profile(
        share=0.10,
        shape="azure_conversation",
        input_scale=3.0,
        output_scale=4.0,
        enterprise_share=0.6,
        stream_share=0.0,
        cached_prompt_share=0.2,
        repeat_share=0.5,
        routes=(
            RouteProfile(0.5, "haiku@product", "haiku@nonprod", "mini@product"),
            RouteProfile(0.5, "mini@product", "mini@nonprod", "haiku@product"),
        ),
    ),
    Profile(
        share=0.20,
        shape="azure_conversation",
        input_scale=6.0,
        output_scale=6.0,
        enterprise_share=0.75,
        stream_share=0.0,
        cached_prompt_share=0.25,
        repeat_share=0.5,
        routes=(
            RouteProfile(0.6, "mini@analytics", "mini@nonprod", "mini@product", batch_share=0.3),
            RouteProfile(0.4, "o4-mini@analytics", "mini@nonprod", "mini@analytics"),
        ),
    ),
    Profile(
        share=0.35,
        shape="azure_conversation",
        input_scale=13.0,
        output_scale=7.0,
        enterprise_share=0.45,
        stream_share=0.8,
        cached_prompt_share=0.5,
        repeat_share=2.0,
        routes=(
            RouteProfile(0.6, "haiku@product", "haiku@nonprod", "mini@product"),
            RouteProfile(
                0.4, "gpt-4o@product", "mini@nonprod", "haiku@product", priority_share=0.3
            ),
        ),
    ),
)
