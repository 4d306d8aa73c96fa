"""What a node's template may call and read: made once to compile it, and once more to run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from orchestration.dbt.insides.namespaces import forget_made

# What a node says of itself once it is compiled.
_COMPILED: Final = ("model", "sql", "compiled_code")


@contextmanager
def one_context_a_node() -> Iterator[None]:
    """A node that runs takes the context that it was compiled in."""
    from dbt import compilation
    from dbt.context.providers import ModelContext, RuntimeProvider
    from dbt.task import run, test

    kept: dict[str, Any] = {}

    def compiling(node: Any, config: Any, manifest: Any) -> Any:
        context = ModelContext(node, config, manifest, RuntimeProvider(), None)
        kept[node.unique_id] = context
        return context.to_dict()

    def running(node: Any, config: Any, manifest: Any) -> Any:
        context = kept.pop(node.unique_id, None)
        if context is None or context.model is not node:
            return ModelContext(node, config, manifest, RuntimeProvider(), None).to_dict()
        members = context._context_members_
        said = {name: members[name].__get__(context) for name in _COMPILED}
        context._ctx["builtins"].update(said)
        context._ctx.update(said)
        context.sql_results.clear()
        # they hold what the node said of itself before
        forget_made(context.namespace)
        return context._ctx

    name = "generate_runtime_model_context"
    with (
        patch.object(compilation, name, compiling),
        patch.object(run, name, running),
        patch.object(test, name, running),
    ):
        yield
