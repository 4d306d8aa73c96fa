"""What else the first run would make of the dbt project alone, made where Tollbook is installed.

    python -P -m orchestration.dbt.prepare

It is found by the content of the project and the versions that made it: where either has changed a
run parses for its user, as it does where nobody prepared anything.
"""

import shutil

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.insides import OBJECTS, manifest_object
from orchestration.dbt.insides.templates import make_templates
from orchestration.dbt.invocation import DONE, PARSE, TEMPLATES, parse_into, parse_stamp
from orchestration.running.working_folder import installed_folder, sample_workspace


def prepare() -> None:
    """Instead of what was prepared before."""
    # whose warehouse is called as every warehouse that no tollbook.yaml names
    workspace = load_workspace(sample_workspace())
    folder = installed_folder(*PARSE, parse_stamp(workspace))
    if (folder / DONE).is_file():
        return
    templates = installed_folder(*TEMPLATES)
    for old in (folder.parent, templates):
        shutil.rmtree(old, ignore_errors=True)
    for new in (folder, templates):
        new.mkdir(parents=True)
    parse_into(workspace, folder, templates)
    make_templates(manifest_object((folder / OBJECTS).read_bytes()), templates)
    (folder / DONE).touch()


if __name__ == "__main__":
    prepare()
