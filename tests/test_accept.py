"""The real features run as a user runs them: side by side, killed, with arguments."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.kit.deadline import eventually

ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
PATIENCE = 90.0


def start(folder, *arguments):
    return subprocess.Popen(
        [BEHAVE, "-D", f"reports={folder}", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def hubs_of(folder):
    """Processes whose log lies in `folder`: their standard error is open there."""
    found = []
    for process in psutil.process_iter():
        try:
            if "support.toggle.reference" in " ".join(process.cmdline()) and os.readlink(f"/proc/{process.pid}/fd/2").startswith(
                str(folder)
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended while we looked
    return found


def report(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_two_runs_at_the_same_time_do_not_disturb_each_other(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    runs = [start(folder, "--tags=@smoke", "features/") for folder in folders]
    outputs = [run.communicate(timeout=PATIENCE)[0] for run in runs]
    for run, output, folder in zip(runs, outputs, folders, strict=True):
        assert run.returncode == 0, output
        counts = report(folder)["counts"]
        assert counts["passed"] == counts["selected"] > 5


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_leaves_no_hub_behind(tmp_path, number):
    folder = tmp_path / "reports"
    run = start(folder, "--tags=@TGL-42", "-D", f"targets={ROOT}/targets/reference.yaml", "features/")
    hubs = eventually(lambda: hubs_of(folder), bool, PATIENCE, "a hub is at work", interval=0.02)
    run.send_signal(number)
    run.communicate(timeout=PATIENCE)
    eventually(
        lambda: [hub.pid for hub in hubs if hub.is_running()], lambda left: not left, PATIENCE, "the hub has gone", interval=0.05
    )
    assert run.returncode != 0
    if number != signal.SIGKILL:
        assert f"ended by {number.name}" in (folder / "junit" / "plainwire-run.xml").read_text(encoding="utf-8")


def test_an_older_report_never_passes_for_that_of_a_killed_run(tmp_path):
    folder = tmp_path / "reports"
    start(folder, "--tags=@TGL-01", "features/").communicate(timeout=PATIENCE)
    assert report(folder)["counts"]["passed"] == 1
    run = start(folder, "--tags=@TGL-42", "features/")
    eventually((folder / "evidence" / "toggle" / "TGL-42.1").exists, bool, PATIENCE, "the second run has begun", interval=0.02)
    run.kill()
    run.communicate(timeout=PATIENCE)
    assert not (folder / "report.json").exists()
    assert "<error" in "".join(path.read_text(encoding="utf-8") for path in (folder / "junit").glob("*.xml"))


def test_make_passes_arguments_through():
    said = subprocess.run(
        ["make", "-n", "accept", "ARGS=--tags=@smoke"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"behave --tags=@smoke features/", said)
