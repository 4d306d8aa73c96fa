"""dbt's dataclasses have code made that reads and writes them: of most of them nobody reads any."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

# Where dbt has what it reads of dbt_project.yml and profiles.yml.
SETTINGS: Final = ("dbt.contracts.project", "dbt.adapters.duckdb.credentials")


def make_when_used() -> None:
    """For the process, before dbt is imported: a sixth of the imports.

    Mashumaro can do so itself, but makes code of each class that would make the code.
    """
    from mashumaro.config import ADD_DIALECT_SUPPORT, BaseConfig
    from mashumaro.core.meta.code.builder import CodeBuilder
    from mashumaro.mixins import dict as mixin

    BaseConfig.lazy_compilation = True
    readers, writers = mixin.compile_mixin_unpacker, mixin.compile_mixin_packer

    def has_dialects(cls: type) -> bool:
        config = getattr(cls, "Config", BaseConfig)
        return ADD_DIALECT_SUPPORT in getattr(config, "code_generation_options", ())

    def read_when_used(cls: type, format_name: str = "dict", **said: Any) -> None:
        if has_dialects(cls):
            return readers(cls, format_name, **said)
        name = CodeBuilder.get_unpack_method_name((), format_name, said.get("decoder"))

        def first(owner: type, data: Any, *args: Any, **options: Any) -> Any:
            builder(owner, name, format_name, said).add_unpack_method()
            return getattr(owner, name)(data, *args, **options)

        setattr(cls, name, classmethod(first))
        return setattr(cls, name.public, classmethod(first))

    def write_when_used(cls: type, format_name: str = "dict", **said: Any) -> None:
        if has_dialects(cls):
            return writers(cls, format_name, **said)
        name = CodeBuilder.get_pack_method_name((), format_name, said.get("encoder"))

        def first(this: Any, *args: Any, **options: Any) -> Any:
            builder(type(this), name, format_name, said).add_pack_method()
            return getattr(this, name)(*args, **options)

        setattr(cls, name, first)
        return setattr(cls, name.public, first)

    def builder(cls: type, name: str, format_name: str, said: dict[str, Any]) -> Any:
        others = {key: value for key, value in said.items() if key != "dialect"}
        return CodeBuilder(
            cls,
            first_method=name,
            allow_postponed_evaluation=False,
            format_name=format_name,
            default_dialect=said.get("dialect"),
            **others,
        )

    vars(mixin).update(compile_mixin_unpacker=read_when_used, compile_mixin_packer=write_when_used)


@contextmanager
def unquestioned() -> Iterator[None]:
    """The project's settings are held against no schema, which is made for it: they were parsed."""
    from dbt_common.dataclass_schema import dbtClassMixin

    held = vars(dbtClassMixin)["validate"].__func__

    def validate(cls: type, data: Any) -> None:
        if cls.__module__ not in SETTINGS:
            held(cls, data)

    with patch.object(dbtClassMixin, "validate", classmethod(validate)):
        yield
