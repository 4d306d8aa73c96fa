"""`make focus-check`: FOCUS files pass focus-validator, but for rules that no file can pass.

The rules are those that its package has: nothing is downloaded.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from orchestration.exports.focus import FOCUS_1_2
from orchestration.running.working_folder import REPOSITORY

VALIDATOR: Final = REPOSITORY / ".venv-focus"
# as the package calls the rules of FOCUS 1.2 that are in it
RULES: Final = "1.2.0.1"
KNOWN: Final = Path(__file__).with_name("known_failures.csv")


def known_failures() -> dict[str, str]:
    """Rule -> why no file passes it."""
    with KNOWN.open(newline="", encoding="utf-8") as file:
        return {row["rule"]: row["reason"] for row in csv.DictReader(file)}


def failures(report: str) -> tuple[int, list[str]]:
    """Of a report as JUnit has them: how many rules were asked, and which fail."""
    cases = list(ElementTree.fromstring(report).iter("testcase"))
    asked = [case for case in cases if case.find("skipped") is None]
    failed = {failure.get("name", "") for case in asked for failure in case.iter("failure")}
    return len(asked), sorted(failed)


def problems(
    found: Mapping[str, tuple[int, Sequence[str]]], known: Mapping[str, str]
) -> Iterable[str]:
    """File -> what was found; a file of which nothing was asked is no file that passes."""
    for name, (asked, failed) in found.items():
        if not asked:
            yield f"{name}: no rule was asked"
        for rule in failed:
            if rule not in known:
                yield f"{name}: {rule} fails and is not in {KNOWN.name}"
    still = {rule for _, failed in found.values() for rule in failed}
    for rule in known:
        if found and rule not in still:
            yield f"{rule} passes: take it out of {KNOWN.name}"


def validated(file: Path, scratch: Path) -> tuple[int, list[str]]:
    [packages] = VALIDATOR.glob("lib/python*/site-packages")
    report = scratch / "report.xml"
    report.unlink(missing_ok=True)
    command = [str(VALIDATOR / "bin" / "focus-validator"), "--data-file", str(file)]
    command += ["--validate-version", RULES, "--focus-dataset", "CostAndUsage", "--block-download"]
    command += ["--output-type", "unittest", "--output-destination", str(report)]
    # it opens its list of currencies by a path from here, and ends with 0 whatever fails
    done = subprocess.run(command, cwd=packages, capture_output=True, text=True, check=False)
    if not report.is_file():
        sys.exit(f"focus-validator wrote no report of {file}:\n{done.stdout}{done.stderr}")
    return failures(report.read_text(encoding="utf-8"))


def exported(workspace: Path | None, scratch: Path) -> list[Path]:
    """Files of a workspace that was run, or of the sample, run here."""
    if workspace is None:
        workspace = Path(shutil.copytree(REPOSITORY / "data" / "sample", scratch / "sample"))
        command = [str(Path(sys.executable).with_name("tollbook")), "--workspace", str(workspace)]
        subprocess.run([*command, "run"], stdout=subprocess.DEVNULL, check=True)
    files = [file for name in FOCUS_1_2 for file in workspace.glob(f"exports/*/{name}")]
    return sorted(files) or sys.exit(f"{workspace}: no month has {FOCUS_1_2[0]}: run it first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="one that was run; the sample, run anew")
    options = parser.parse_args()
    known = known_failures()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        found = {}
        for file in exported(options.workspace, scratch):
            name = f"{file.parent.name}/{file.name}"
            found[name] = validated(file.resolve(), scratch)
            print(f"{name}: {found[name][0]} rules asked, {len(found[name][1])} fail")
    for rule in sorted({rule for _, failed in found.values() for rule in failed} & known.keys()):
        print(f"known: {rule}: {known[rule]}")
    if wrong := list(problems(found, known)):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
