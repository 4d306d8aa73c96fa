"""What YAML of the dbt project repeats of ingestion/vocabulary.py: words in dbt_project.yml, for a
plain `dbt build`, and owners' columns in the marts' contracts.

`python -m tests.support.dbt_words` writes both anew after a word was added.
"""

import textwrap
from pathlib import Path
from typing import Final

import yaml

from ingestion.vocabulary import dbt_words
from tests.support.owner_columns import files, with_owners

PROJECT: Final = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
BEGIN: Final = "  # Words of ingestion/vocabulary.py, by `python -m tests.support.dbt_words`:\n"
END: Final = "  # end of those words\n"
WIDTH: Final = 96


def with_words(text: str) -> str:
    """The project file with the words as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    words = yaml.safe_dump(
        dbt_words(), sort_keys=False, width=WIDTH, default_flow_style=None, allow_unicode=True
    )
    return f"{before}{BEGIN}{textwrap.indent(words, '  ')}{END}{after}"


if __name__ == "__main__":
    PROJECT.write_text(with_words(PROJECT.read_text(encoding="utf-8")), encoding="utf-8")
    for file in files():
        file.write_text(with_owners(file.read_text(encoding="utf-8")), encoding="utf-8")
