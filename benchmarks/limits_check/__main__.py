"""`make limits-check`: bodies of limits.json pass the types of LiteLLM, OpenAI and Anthropic.

The workspace is the sample with the budgets.csv that stands here, which has a line for each kind of
body, or one that was run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from orchestration.exports.limits.written import LIMITS
from orchestration.running.working_folder import REPOSITORY

PYTHON: Final = REPOSITORY / ".venv-limits" / "bin" / "python"
BUDGETS: Final = Path(__file__).with_name("budgets.csv")


def sample_with_budgets(scratch: Path) -> Path:
    workspace = Path(shutil.copytree(REPOSITORY / "data" / "sample", scratch / "sample"))
    shutil.copy(BUDGETS, workspace / "reference")
    command = [str(Path(sys.executable).with_name("tollbook")), "--workspace", str(workspace)]
    subprocess.run([*command, "run"], stdout=subprocess.DEVNULL, check=True)
    return workspace


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="one that was run; the sample, run anew")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace or sample_with_budgets(Path(folder))
        file = (workspace / "exports" / LIMITS).resolve()
        if not file.is_file():
            sys.exit(f"{file} is not there: write a budgets.csv and run the workspace first")
        command = [str(PYTHON), "-m", "benchmarks.limits_check.accepted", str(file)]
        if options.workspace is None:
            command.append("--every-kind")
        # else LiteLLM asks for its list of prices when it is imported
        offline = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        sys.exit(subprocess.run(command, cwd=REPOSITORY, env=offline, check=False).returncode)


if __name__ == "__main__":
    main()
