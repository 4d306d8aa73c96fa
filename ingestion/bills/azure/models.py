"""Model names as the API has them, from the words that Azure's meters have for models.

Words that no rule knows stay as they are, with hyphens: models.csv says what they are.
"""

import re
from typing import Final

WORDS: Final = {
    "mn": "mini",
    "rt": "realtime",
    "aud": "audio",
    "txt": "text",
    "img": "image",
    "trscb": "transcribe",
}
# A meter has the month and day of a snapshot; the year is that of the model's.
SNAPSHOTS: Final = {
    "gpt-4o": ("2024-05-13", "2024-08-06", "2024-11-20"),
    "gpt-4o-mini": ("2024-07-18",),
    "gpt-4o-realtime-preview": ("2024-10-01", "2024-12-17", "2025-06-03"),
    "gpt-4o-mini-realtime-preview": ("2024-12-17",),
    "gpt-4o-audio-preview": ("2024-12-17",),
    "gpt-4o-mini-audio-preview": ("2024-12-17",),
    "gpt-4.1": ("2025-04-14",),
    "gpt-4.1-mini": ("2025-04-14",),
    "gpt-4.1-nano": ("2025-04-14",),
    "gpt-realtime": ("2025-08-28",),
    "gpt-audio": ("2025-08-28",),
    "o1": ("2024-12-17",),
    "o1-preview": ("2024-09-12",),
    "o1-mini": ("2024-09-12",),
    "o3": ("2025-04-16",),
    "o3-mini": ("2025-01-31",),
    "o4-mini": ("2025-04-16",),
}
_GLUED: Final = re.compile(r"(?<=[a-z])(?=\d{4}\b)|(?<=\d)(?=mini|nano)|(?<=4o)(?=mini)")
_NUMBER: Final = re.compile(r"(?:gpt)?(\d(?:\.\d)?o?|35|41)")
_POINTS: Final = {"35": "3.5", "41": "4.1"}
_DAY: Final = re.compile(r"\d{4}|\d{8}")
# Words that are a kind of token where the model has another name for itself.
_MODALITIES: Final = ("text", "image", "audio")


def model_of(words: str) -> tuple[str, str | None]:
    """(model, modality): which tokens of the model, where the words say it."""
    said = [WORDS.get(word, word) for word in re.split(r"[ _-]+", _GLUED.sub(" ", words.lower()))]
    if "embedding" in said:
        return "-".join(said), None
    day = next((word for word in said if _DAY.fullmatch(word)), None)
    modality = next((each for each in _MODALITIES if each in said[1:]), None)
    dropped = {day, "ft", "text", "audio"} | ({"image"} if "realtime" in said else set())
    named = [word for word in said if word not in dropped]
    if not named:  # a kind of tokens, and of no model
        return "-".join(said), modality
    model = _named(named, is_audio="audio" in said)
    if day:
        model = _dated(model, day)
    return f"ft:{model}" if "ft" in said else model, modality


def _named(words: list[str], *, is_audio: bool) -> str:
    if found := _NUMBER.fullmatch(words[0]):
        words = ["gpt", found[1], *words[1:]]
    words = [_POINTS.get(word, word) for word in words]
    is_4o = "4o" in words
    if "realtime" in words:
        words.remove("realtime")
        words.insert(1 + is_4o + ("mini" in words and is_4o), "realtime")
    elif is_audio and "tts" not in words and "transcribe" not in words:
        words.insert(1 + is_4o + ("mini" in words and is_4o), "audio")
    if is_4o and ("realtime" in words or "audio" in words) and "preview" not in words:
        words.append("preview")
    name = "-".join(words)
    return name.replace(".", "-") if words[0] == "claude" else name


def _dated(model: str, day: str) -> str:
    if len(day) == 8:
        return f"{model}-{day[4:]}-{day[:2]}-{day[2:4]}"
    of_day = f"-{day[:2]}-{day[2:]}"
    known = next((date for date in SNAPSHOTS.get(model, ()) if date.endswith(of_day)), day)
    return f"{model}-{known}"
