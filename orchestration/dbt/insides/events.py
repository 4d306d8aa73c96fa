"""Events of dbt for who debugs it: some 40 a node, an eighth of a small run, and nobody is told.

They are kept as what they were called with, and composed where somebody does ask. Neither is
the graph's summary made, a mapping of each node to write what leads to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def without_debugging() -> Iterator[None]:
    from dbt.compilation import Linker
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    compose, attribute, fire = BaseEvent.__init__, BaseEvent.__getattr__, EventManager.fire_event

    def begin(event: Any, *args: Any, **said: Any) -> None:
        if event.level_tag() is EventLevel.DEBUG:
            object.__setattr__(event, "uncomposed", (args, said))
        else:
            compose(event, *args, **said)

    def asked(event: Any, name: str) -> Any:
        args, said = event.__dict__.pop("uncomposed", (None, None))
        if said is None:
            return attribute(event, name)
        compose(event, *args, **said)
        return getattr(event, name)

    def told(
        manager: Any, e: Any, level: Any = None, node: Any = None, *rest: Any, **more: Any
    ) -> None:
        if (level or e.level_tag()) is not EventLevel.DEBUG or manager.loggers:
            fire(manager, e, level, node, *rest, **more)

    with (
        patch.object(BaseEvent, "__init__", begin),
        patch.object(BaseEvent, "__getattr__", asked),
        patch.object(EventManager, "fire_event", told),
        patch.object(Linker, "get_graph_summary", lambda *_: {}),
    ):
        yield
