"""Texts that have the form of a secret are replaced by their SHA-256 before they land.

On all sides alike, logs, bills and CSVs, so that what matched still matches. LiteLLM logs the
SHA-256 of its keys: a key that another place names in clear becomes that same text. Ids (a UUID, a
hash, `key_…`, `proj_…`, `chatcmpl-…`) have none of these forms.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

LONGEST_NAME: Final = 64  # characters of a name with spaces: what is longer is a text
# What ends a word that stands in a text, in JSON, in a list or in a URL.
_ENDS: Final = r"\s\"'`<>,;&|\\"
# A form starts where no word goes on: `risk-desk` holds no `sk-…`.
_FORMS: Final = (
    r"(?:[Bb]earer|BEARER)\s+[\w.~+/=-]{8,}",
    r"(?:[Bb]asic|BASIC)\s+[A-Za-z0-9+/]{8,}={1,2}",
    # OpenAI, Anthropic, OpenRouter, LiteLLM, DeepSeek, Langfuse
    rf"sk-(?:[\w.-]{{3,}}|[^{_ENDS}]{{2,}}[\w=])",
    r"(?:sk|rk|pk)_(?:live|test)_\w{8,}",  # Stripe
    r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*",  # a JSON web token
    r"(?:AKIA|ASIA)[A-Z0-9]{12,}",  # AWS
    r"(?:bedrock-api-key-|ABSK)[\w+/=-]{16,}",
    r"AIza[\w-]{16,}",  # Google
    r"ya29\.[\w-]{8,}",
    r"gh[oprsu]_\w{16,}",  # GitHub
    r"github_pat_\w{16,}",
    r"glpat-[\w-]{12,}",
    r"xox[a-z]-[\w-]{8,}",  # Slack
    r"xapp-[\w-]{8,}",
    r"hf_[A-Za-z]{16,}",  # Hugging Face
    r"gsk_\w{16,}",  # Groq
    r"(?:pplx|xai|nvapi)-[\w-]{16,}",
    r"(?:r8|npm|sbp|lsv2_(?:pt|sk))_\w{16,}",
    r"SG\.[\w-]{8,}\.[\w-]{8,}",  # SendGrid
    r"(?:whsec|shpat|dop_v1)_\w{16,}",
    r"dapi[0-9a-f]{32}",  # Databricks
)
# A quote ends both where they stand in JSON.
_WHOLE: Final = r"-----BEGIN [A-Z0-9 ]+-----[^\"]*?(?:-----END [A-Z0-9 ]+-----|(?=\")|\Z)"
# The password of a URL, whoever it is for.
_IN_URL: Final = r"(?<=://)[^\s/:@\"]*:[^\s/@\"]+(?=@)"
# One of these stands in every form but in a login, which has an `@`.
_MARKS: Final = (
    *("sk-", "k_live_", "k_test_", "eyJ", "AKIA", "ASIA", "ABSK", "AIza", "bedrock-api-key-"),
    *("ya29.", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-", "xox", "xapp-"),
    *("hf_", "gsk_", "pplx-", "xai-", "nvapi-", "r8_", "npm_", "sbp_", "lsv2_", "SG.", "whsec_"),
    *("shpat_", "dop_v1_", "dapi", "-----BEGIN", "://", "bearer", "Bearer", "BEARER"),
    *("basic", "Basic", "BASIC"),
)
# The same for Arrow's engine, which has no lookbehind and finds them at once.
MARKS: Final = "|".join([*map(re.escape, _MARKS), r":[^\s/:@]*[0-9][^\s/:@]*@"])
# It goes on to the end of its word: a key that somebody chose, `sk-my$ecret!1`, is not two pieces.
_TAIL: Final = rf"(?:[^{_ENDS}]*[\w=])?"
_FORM: Final = rf"{_WHOLE}|{_IN_URL}|(?<![A-Za-z0-9])(?:{'|'.join(_FORMS)}){_TAIL}"
# `user:password@host` without a scheme. An id may look so (`tenant:ann@acme.org`), thus a digit.
_ID_LOGIN: Final = r"(?<![\w:.])(?!mailto:)[^\s/:@]+:(?=[^\s/:@]*\d)[^\s/:@]{5,}(?=@[^\s@])"
_TOKEN: Final = re.compile(_FORM, re.DOTALL)
_SECRET: Final = re.compile(f"{_FORM}|{_ID_LOGIN}", re.DOTALL)
_LOGIN: Final = re.compile(r"(?<![\w:.])(?!mailto:)[^\s/:@]+:[^\s/:@]{3,}(?=@[^\s@])")

GLOB_OF_KEYS: Final = re.compile(r"(?<![A-Za-z0-9])sk-[\w.-]*\*")


def without_secrets(text: str) -> str:
    """The text with the SHA-256 (64 hex digits) of each secret in its place."""
    return _SECRET.sub(_digest, text) if _may_hold_one(text) else text


def without_logins(text: str) -> str:
    """As `without_secrets`, of a text that is no id: tags, metadata and headers."""
    clean = without_secrets(text)
    return _LOGIN.sub(_digest, clean) if "@" in clean else clean


@lru_cache(maxsize=65_536)
def without_tokens(text: str) -> str:
    """Of a tag as written: `owner:ann84@acme.org` is a key and a value, and no login."""
    return _TOKEN.sub(_digest, text) if _may_hold_one(text) else text


def landed_name(name: str) -> str:
    """An object's name as the landing knows it: without secrets, a part that is a text hashed."""
    parts = without_secrets(name).split("/")
    return "/".join(text_digest(part) if _is_text(part) else part for part in parts)


def _may_hold_one(text: str) -> bool:
    return "@" in text or any(mark in text for mark in _MARKS)


def _is_text(part: str) -> bool:
    return len(part) > LONGEST_NAME and any(map(str.isspace, part))


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _digest(secret: re.Match[str]) -> str:
    return text_digest(secret[0])
