"""What the lines of a rollout have said so far: whose session it is, its model, what is counted.

A forked session and a sub-agent begin with the lines of the session before them, written anew when
they are forked or as they were: with the counts of calls that are not theirs. Where a record does
not name its thread these are told by `subagent_history_start_ordinal`, else by time: they are
written without a pause, and whoever calls a model waits for it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ingestion.gateways.codex.said import PROVIDERS, text
from ingestion.gateways.spans import names
from ingestion.reading.instants import text_instant
from ingestion.reading.unreadable import Unreadable, shown

PAUSE: Final = timedelta(milliseconds=500)
# Records whose count has not come yet: it is the next line.
MOST: Final = 64
PARENTS: Final = ("forked_from_id", "parent_thread_id")
PARTS: Final = (
    *("input_tokens", "cached_input_tokens", "cache_write_input_tokens"),
    *("output_tokens", "reasoning_output_tokens", "total_tokens"),
)
# What of the session is metadata, under its own name; of git with its name before.
METADATA: Final = ("cwd", "originator", "cli_version", "model_provider", "agent_path")
GIT: Final = ("branch", "repository_url", "commit_hash")
Usage = tuple[Any, ...]


@dataclass(slots=True)
class Session:
    thread: str | None = None
    run: str | None = None  # the session that everything was begun by
    agent: str | None = None
    step: str | None = None
    model: str | None = None
    tier: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    _started: datetime | None = None
    _own_from: int | None = None  # ordinal of its first own line
    _before: datetime | None = None  # when the line before was written
    _is_history: bool = False
    _totals: Usage | None = None
    _recorded: deque[Usage] = field(default_factory=lambda: deque(maxlen=MOST))

    def begins(self, meta: Mapping[str, Any], timestamp: Any) -> None:
        """The first stands: what follows is copied with the history of another session."""
        if self.thread is not None:
            return
        source = meta.get("source")
        spawned = _object(source, "subagent")
        spawn = _object(spawned, "thread_spawn")
        parents = [each for name in PARENTS if (each := text(meta.get(name) or spawn.get(name)))]
        is_agent = isinstance(source, dict) or meta.get("thread_source") == "subagent"
        self.thread = text(meta.get("id")) or text(meta.get("session_id"))
        root = text(meta.get("session_id")) or next(iter(parents), None)
        self.run = root if is_agent and root else self.thread
        if is_agent:
            said = _object(meta, "source").get("subagent")
            self.step = text(said)
            places = (meta, spawn)
            roles = (
                text(each.get(name)) for name in ("agent_role", "agent_nickname") for each in places
            )
            self.agent = next(filter(None, roles), None)
        self.metadata = {name: text(meta.get(name)) for name in METADATA}
        git = _object(meta, "git")
        self.metadata |= {f"git.{name}": text(git.get(name)) for name in GIT}
        self.metadata = {name: value for name, value in self.metadata.items() if value}
        self._is_history = bool(parents)
        ordinal = meta.get("subagent_history_start_ordinal")
        self._own_from = ordinal if type(ordinal) is int else None
        self._started = self._before = moment(meta.get("timestamp") or timestamp)

    def goes_on(self, timestamp: Any, ordinal: Any) -> None:
        """Of each line, before it is read: whether the session's own lines have begun."""
        if not self._is_history:
            return
        if self._own_from is not None and type(ordinal) is int:
            self._is_history = ordinal < self._own_from
            return
        try:
            written = moment(timestamp)
        except Unreadable:
            return
        if self._started is not None and self._before is not None and written >= self._started:
            self._is_history = written - self._before < PAUSE
        self._before = written

    def turns(self, context: Mapping[str, Any]) -> None:
        self.model = text(context.get("model")) or self.model
        self.tier = text(context.get("service_tier")) or self.tier
        for name in ("cwd", "effort"):
            if found := text(context.get(name)):
                self.metadata = self.metadata | {name: found}

    def recorded(self, usage: Mapping[str, Any]) -> None:
        self._recorded.append(_usage(usage))

    def is_of_another(self, thread: str | None) -> bool:
        """Whether a record is of the history that this session was begun with."""
        if thread is None or self.thread is None:
            return self._is_history
        return thread != self.thread

    def is_new_call(self, last: Mapping[str, Any], total: Mapping[str, Any] | None) -> bool:
        """Whether a count is no repetition, and of this session."""
        totals, usage = (None if total is None else _usage(total)), _usage(last)
        is_repeated = totals is not None and totals == self._totals
        self._totals = totals
        # a window that is full sets the total alone
        if is_repeated or not (last.get("input_tokens") or last.get("output_tokens")):
            return False
        if usage in self._recorded:
            self._recorded.remove(usage)
            return False
        return not self._is_history

    def said(self) -> dict[str, Any]:
        return {
            names.MODEL_REQUESTED[1]: self.model,
            names.PROVIDER[0]: PROVIDERS.get(self.metadata.get("model_provider", "")),
            names.TIER_ASKED[0]: self.tier,
            names.TEXTS["session_id"][1]: self.thread,
            names.RUN[0]: self.run,
            names.AGENT[0]: self.agent,
            names.STEP[0]: self.step,
        }


def moment(said: Any) -> datetime:
    if not isinstance(said, str) or not said.strip():
        reason = "missing" if said is None else "not a time"
        raise Unreadable("timestamp", reason, value=shown(said))
    return text_instant(said, "timestamp")


def _usage(usage: Mapping[str, Any]) -> Usage:
    return tuple(usage.get(part) or 0 for part in PARTS)


def _object(said: Any, name: str) -> Mapping[str, Any]:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, dict) else {}
