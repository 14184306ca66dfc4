"""What a killed run has left is swept by the next; what belongs to a living one stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.kit.deadline import eventually
from support.kit.leftovers import VARIABLE, owned, sweep_processes
from support.kit.owner import mark_of, my_mark, private_folder, sweep_all_folders
from support.kit.process import ManagedProcess

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import sys, time
from pathlib import Path
from support.kit.process import ManagedProcess
child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)"
process = ManagedProcess.start([sys.executable, "-c", child], name="left", log=Path(sys.argv[1]))
while not process.children():
    time.sleep(0.01)
print(process.pid, process.children()[0].pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def run(tmp_path):
    """A run with a process and its child; their pids."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    pids = [int(pid) for pid in process.stdout.readline().split()]
    yield process, pids
    process.kill()
    process.wait()
    process.stdout.close()
    for pid in pids:
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_run_s_processes_go_with_their_children(run):
    process, pids = run
    process.kill()
    process.wait()
    assert all(map(psutil.pid_exists, pids))
    assert set(sweep_processes()) >= set(pids)
    eventually(lambda: [pid for pid in pids if psutil.pid_exists(pid)], lambda left: not left, 5.0, "they have gone")


def test_folders_of_whatever_purpose_go_with_their_run(run, tmp_path):
    process, _ = run
    ours = private_folder(tmp_path, "node")
    theirs = [ours.rename(ours.with_name(ours.name.replace(my_mark(), mark_of(process.pid))))]
    theirs.append(theirs[0].with_name(theirs[0].name.replace("-node-", "-token-")))
    theirs[1].mkdir()
    kept = private_folder(tmp_path, "node")
    process.kill()
    process.wait()
    sweep_all_folders(tmp_path)
    assert kept.exists()
    assert not any(folder.exists() for folder in theirs)


def test_a_living_run_s_processes_stay(run):
    _, pids = run
    assert not set(sweep_processes()) & set(pids)
    assert all(map(psutil.pid_exists, pids))


def test_processes_of_this_run_say_whose_they_are(tmp_path):
    with ManagedProcess.start(
        [sys.executable, "-c", "import time; time.sleep(60)"], name="ours", log=tmp_path / "log"
    ) as process:
        assert psutil.Process(process.pid).environ()[VARIABLE] == owned()[VARIABLE]
        assert process.pid not in sweep_processes()
