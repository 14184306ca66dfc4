"""Runs of behave by a process that has loaded everything already, and splits itself for each run.

Hundreds of liars are met in a run of their own. Loading behave, the drivers and their libraries takes most of such a run; what a
run does is the same either way. `python tests/warm.py PATH` serves on the socket PATH until its standard input ends.
"""

import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLD = ("reference", "liars", "lying")
"""Parts of names: what only other processes load."""
START_LIMIT = 60.0


class Warm:
    """The process that is loaded. Started with the first run, ended with this one: its standard input ends then."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")
        self._path = str(Path(self._folder.name) / "socket")
        argv = [sys.executable, __file__, self._path]
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "the loaded process has ended"

    def run(self, argv: Sequence[str], env: Mapping[str, str], within: float) -> None:
        """A run of behave with these arguments in the project's folder, to its end. TimeoutError: it was killed."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(START_LIMIT)
            connection.connect(self._path)
            connection.sendall(json.dumps({"argv": list(argv), "env": dict(env)}).encode() + b"\n")
            pid = int(connection.makefile("rb", buffering=0).readline())
            connection.settimeout(within)
            try:
                connection.recv(1)  # nothing is said: it ends with the run
            except TimeoutError:
                os.killpg(pid, signal.SIGKILL)
                raise

    def close(self) -> None:
        """End it. Runs that go on are not ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(START_LIMIT)
        self._process.stdout.close()
        self._folder.cleanup()


def load() -> None:
    """All that a run loads, but for the reference systems and their liars; of the hooks, what the steps need of them."""
    import behave.__main__
    import behave.formatter.plain
    from behave.configuration import Configuration
    from behave.runner import Runner

    import support

    for module in pkgutil.walk_packages(support.__path__, "support."):
        if not any(part.startswith(COLD) for part in module.name.split(".")[2:]):
            importlib.import_module(module.name)
    assert behave.__main__, behave.formatter.plain
    runner = Runner(Configuration(["--dry-run", "features"]))
    with runner.path_manager:
        runner.setup_paths()
        runner.load_hooks()
        runner.load_step_definitions()
    Runner.load_step_definitions = lambda *_: None  # they are there, in this process and all that split off from it


def be_behave(connection: socket.socket) -> None:
    """Turn into a run of behave. Does not return."""
    from behave.__main__ import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    asked = json.loads(connection.makefile("rb").readline())
    connection.sendall(f"{os.getpid()}\n".encode())
    os.environ.clear()
    os.environ.update(asked["env"])
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.argv = ["behave", *asked["argv"]]
    sys.exit(main(asked["argv"]))


def serve(path: str) -> None:
    """A split for each connection, until the standard input ends."""
    sys.path.insert(0, str(ROOT))
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended runs go by themselves
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        import select

        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                be_behave(connection)
            connection.close()


if __name__ == "__main__":
    serve(sys.argv[1])
