"""Templates are compiled once for all statements, and each statement writes in its own way."""

from pathlib import Path

import pytest

from orchestration.exports.site import templating
from orchestration.exports.site.wording.numbers import Numbers

TEMPLATE = "{{ 123450|money }} {{ said|money }}"


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page, and an installation that holds no compiled one."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "page.j2").write_text(TEMPLATE)
    monkeypatch.setattr(templating, "TEMPLATES", templates)
    monkeypatch.setattr(templating, "installed_folder", tmp_path.joinpath)
    monkeypatch.setattr(templating, "compiled", templating.Compiled)
    return tmp_path


def page(locale: str) -> str:
    environment = templating.environment_of(Numbers("EUR", locale))
    return environment.get_template("page.j2").render(said=123450)


def test_a_compiled_template_writes_as_each_locale_does(templates: Path) -> None:
    english, german = page("en_US"), page("de_DE")
    assert [*templates.glob("pages/*/*.cache")]
    assert english.count("1,234.50") == 2
    assert german.count("1.234,50") == 2


def test_a_template_that_changed_is_compiled_again(templates: Path) -> None:
    page("en_US")
    (templates / "templates" / "page.j2").write_text("another")
    assert page("en_US") == "another"


def test_where_nothing_may_be_written_pages_are_made_all_the_same(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (templates / "occupied").write_text("")
    monkeypatch.setattr(
        templating, "installed_folder", lambda *parts: templates.joinpath("occupied", *parts)
    )
    assert page("en_US").count("1,234.50") == 2
