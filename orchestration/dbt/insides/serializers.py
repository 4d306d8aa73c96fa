"""dbt's dataclasses have code made that reads and writes them: of most of them nobody reads any."""


def make_when_used() -> None:
    """For the process, before dbt is imported: a sixth of the imports."""
    from mashumaro.config import BaseConfig

    BaseConfig.lazy_compilation = True
