"""A message as a webhook and as an e-mail."""

import json
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

import msgspec

SHOWN: Final = 20
# Slack's own: all else, a team's name too, is text.
ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Message(msgspec.Struct):
    """`id` is the same whenever the message is tried again."""

    id: str
    kind: str
    at: str
    title: str
    lines: list[str]
    posted: bool = False
    mailed: bool = False

    @property
    def file(self) -> str:
        at = datetime.fromisoformat(self.at)
        return f"{at:%Y%m%dT%H%M%SZ}-{self.kind}-{self.id[:12]}.eml"


def webhook_body(message: Message) -> bytes:
    """Slack's incoming webhook, which others read too: one `text`."""
    title, *lines = (_escaped(text) for text in (message.title, *_shown(message)))
    text = "\n".join([f"*{title}*", *(f"• {line}" for line in lines)])
    return json.dumps({"text": text}, ensure_ascii=False).encode()


def mail_bytes(message: Message, sender: str, to: tuple[str, ...]) -> bytes:
    """A file that a mail program opens and a mail server sends."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    if to:
        mail["To"] = ", ".join(to)
    mail["Subject"] = " ".join(f"Tollbook, {message.title}".split())
    mail["Date"] = datetime.fromisoformat(message.at)
    mail["Message-ID"] = f"<{message.id}@tollbook>"
    mail["X-Tollbook-Event"] = message.kind
    mail.set_content("\n\n".join([message.title, *_shown(message)]) + "\n", charset="utf-8")
    return mail.as_bytes()


def _shown(message: Message) -> list[str]:
    more = len(message.lines) - SHOWN
    return [*message.lines[:SHOWN], *([f"and {more} more: the run has all"] if more > 0 else [])]


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in text)
