"""Running the features against a system of another make, right or wrong."""

import os
import subprocess
import sys

from red import BEHAVE, ROOT, behave, report_in

LIMIT = 900.0
"""Seconds for a run of many scenarios."""
OUR_PYTHON = {"PYTHON": sys.executable}


def run(slice_name, folder, profile, tags):
    """All that the tags select, as somebody would run it: how it ended, and the report."""
    done = subprocess.run(
        [BEHAVE, "-D", f"targets={profile}", "-D", f"reports={folder / 'reports'}", f"--tags={tags}", f"features/{slice_name}"],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, env=os.environ | OUR_PYTHON,
    )  # fmt: skip
    return done, report_in(folder)


def run_one(slice_name, folder, profile, number):
    """The scenario of this id, as a liar meets it; the report."""
    behave(folder, slice_name, {number}, "-D", f"targets={profile}", env=OUR_PYTHON)
    return report_in(folder)


def red(report):
    """Scenarios that are red, and why."""
    return {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] in ("failed", "error")}
