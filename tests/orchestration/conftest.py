"""Cases that need models and no run share the project that the scenarios compile."""

from tests.scenarios.conftest import project

__all__ = ["project"]
