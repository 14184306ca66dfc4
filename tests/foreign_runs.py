"""Running the features against a system of another make, right or wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

from red import BEHAVE, ROOT, features_with, warm

LIMIT = 900.0
"""Seconds for one run."""
WITH_OUR_PYTHON = os.environ | {"PYTHON": sys.executable}


def run(slice_name, folder, profile, tags):
    """All that the tags select, as somebody would run it: how it ended, and the report."""
    done = subprocess.run(
        [BEHAVE, "-D", f"targets={profile}", "-D", f"reports={folder / 'reports'}", f"--tags={tags}", f"features/{slice_name}"],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, env=WITH_OUR_PYTHON,
    )  # fmt: skip
    return done, report_in(folder)


def run_one(slice_name, folder, profile, number):
    """The scenario of this id, by the process that is loaded already; the report."""
    argv = ["-D", f"targets={profile}", "-D", f"reports={folder / 'reports'}", f"--tags=@{number}"]
    warm().run([*argv, *features_with(slice_name, {number})], WITH_OUR_PYTHON, LIMIT)
    return report_in(folder)


def report_in(folder: Path):
    return json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))


def red(report):
    """Scenarios that are red, and why."""
    return {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] in ("failed", "error")}


def errors(report):
    """Scenarios that say nothing of the system."""
    return [each["id"] for each in report["scenarios"] if each["status"] == "error"]
