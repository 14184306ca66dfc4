"""A project of its own in a temporary folder, in which tests run the real `behave` with the real runner and reports.

It has one small slice, `lamp`, and none of the real ones.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BEHAVE = Path(sys.executable).parent / "behave"

TARGET = """
import os
from dataclasses import dataclass
from support.kit.errors import InfrastructureError
from support.kit.profile import ReferenceSection

class LampSection(ReferenceSection):
    colour: str = "white"

SECTION = LampSection

@dataclass(frozen=True)
class Lamp:
    name: str = "lamp reference"
    version: str = "1.2.3"

    def missing(self, need):
        return {"paint": "this lamp cannot be painted", "light": None}[need]

def open_target(section, profile):
    if os.environ.get("LAMP_IS_BROKEN"):
        raise InfrastructureError("the lamp does not start")
    return Lamp()
"""

WORLD = """
class LampWorld:
    def __init__(self, settings, evidence, latency):
        self.settings, self.evidence, self.latency = settings, evidence, latency
        self.audit_error = None
        self.ends = []

    def audit(self):
        if self.audit_error is not None:
            raise self.audit_error

    def close(self):
        errors = []
        for end in reversed(self.ends):
            try:
                end()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

def open_world(target, settings, evidence, latency):
    return LampWorld(settings, evidence, latency)
"""

STEPS = """
import logging, os, sys, time
from pathlib import Path
from behave import given, when, then, step
from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.process import ManagedProcess

def fail(error):
    raise error

@step("a lamp")
def a_lamp(context):
    logging.getLogger("lamp").info("a lamp is here")

@step("the lamp is lit")
def lit(context):
    raise PromiseBrokenError("the lamp is lit", "it is dark")

@step("the lamp bursts")
def bursts(context):
    raise ValueError("bad glass \\x1b[31m \\ud800 <&>")

@step("the step answers {answer}")
def answers(context, answer):
    return {"no": False, "yes": True}[answer]

@step("the step hangs")
def hangs(context):
    Path("hanging").touch()
    time.sleep(120)

@step("the step hangs and keeps its exceptions to itself")
def swallows(context):
    Path("hanging").touch()
    while True:
        try:
            time.sleep(120)
        except BaseException:
            continue

@step("the step leaves the program")
def leaves(context):
    sys.exit(0)

@step("the audit will find a {what}")
def audit(context, what):
    context.world.audit_error = InfrastructureError(f"the audit found a {what}")

@step("the clean-up will fail")
def clean_up_fails(context):
    context.world.ends.append(lambda: fail(InfrastructureError("the lamp cannot be put away")))

@step("the clean-up will hang")
def clean_up_hangs(context):
    context.world.ends.append(lambda: time.sleep(120))

@step("the clean-up takes {seconds:g} s")
def clean_up_takes(context, seconds):
    def slowly():
        Path("cleaning").touch()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.05)
        Path("cleaned").touch()
    context.world.ends.append(slowly)

@step("the lamp is a little dim")
def dim(context):
    context.world.evidence.warn("the lamp is bright: a little dim")

@step("a child runs")
def child(context):
    process = ManagedProcess.start(["sleep", "300"], name="child", log=context.world.evidence.log_path("child.log"))
    with open("pids", "a") as pids:
        pids.write(f"{process.pid}\\n")
    context.world.ends.append(process.stop)

@step("a child is forgotten")
def forgotten(context):
    child(context)
    context.world.ends.clear()

@step("the answers take {seconds:g} s")
def take(context, seconds):
    context.world.latency.add(seconds)
    context.world.evidence.number("delay", seconds * 1000, "ms")

@step("{count:d} trivial things")
def trivial(context, count):
    pass
"""


@dataclass(frozen=True)
class Done:
    """A run of behave that is over. code: its exit code; out: stdout and stderr as a user sees them."""

    code: int
    out: str
    seconds: float


class Scratch:
    """folder: the project's root. Feature files are written by their stem; all get the tag @lamp."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        support = folder / "support"
        for made in (support / "lamp", folder / "steps", folder / "features/lamp", folder / "targets"):
            made.mkdir(parents=True)
        for layer in ("kit", "run", "report"):
            (support / layer).symlink_to(ROOT / "support" / layer)
        for package in (support, support / "lamp"):
            (package / "__init__.py").touch()
        (support / "lamp/target.py").write_text(TARGET)
        (support / "lamp/world.py").write_text(WORLD)
        (folder / "steps/lamp_steps.py").write_text(STEPS)
        (folder / "targets/reference.yaml").write_text("lamp: {kind: reference}\n")
        for name in ("behave.ini", "environment.py"):
            shutil.copy(ROOT / name, folder / name)

    def feature(self, stem: str, text: str, *, tags: str = "@lamp") -> "Scratch":
        path = self.folder / f"features/lamp/{stem}.feature"
        path.write_text(f"{tags}\nFeature: {stem}\n\n{text}\n", encoding="utf-8")
        return self

    def add(self, name: str, text: str) -> "Scratch":
        """Append to a file of the project, such as environment.py."""
        path = self.folder / name
        path.write_text((path.read_text() if path.exists() else "") + "\n" + text)
        return self

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """behave, running. Its own session: signals of a test reach it only on purpose."""
        inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "BEHAVE_STAGE", "PYTHONPATH")}
        return subprocess.Popen(
            [str(BEHAVE), *args],
            cwd=self.folder,
            env={**inherited, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: str, env: Mapping[str, str] | None = None, within: float = 60.0) -> Done:
        begun = time.monotonic()
        return self.finish(self.start(*args, env=env), begun, within)

    def finish(self, process: subprocess.Popen[str], begun: float, within: float = 60.0) -> Done:
        try:
            out, _ = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            raise AssertionError(f"behave still ran after {within} s:\n{out}") from None
        return Done(process.returncode, out, time.monotonic() - begun)

    def await_file(self, name: str, process: subprocess.Popen[str], within: float = 30.0) -> None:
        """Until a step of the running behave has made the file."""
        end = time.monotonic() + within
        while not (self.folder / name).exists():
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no {name}: {process.communicate()[0] if process.poll() is not None else 'still running'}")
            time.sleep(0.02)

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def report(self) -> dict:
        return json.loads((self.reports / "report.json").read_text(encoding="utf-8"))

    def scenario(self, identity: str) -> dict:
        """The record of a scenario in report.json."""
        return next(one for one in self.report()["scenarios"] if one["id"] == identity)

    def suites(self, folder: Path | None = None) -> list[ElementTree.Element]:
        """All test suites of all JUnit files."""
        files = sorted((folder or self.reports / "junit").glob("*.xml"))
        return [suite for file in files for suite in ElementTree.parse(file).getroot()]

    def suite(self, identity: str) -> ElementTree.Element:
        """The test suite of one scenario."""
        return next(one for one in self.suites() if properties(one).get("id") == identity)

    def errors_outside(self) -> str:
        """All errors and failures that JUnit tells outside of scenarios."""
        path = self.reports / "junit/plainwire-run.xml"
        if not path.exists():
            return ""
        return "\n".join(
            f"{case.get('name')}: {problem.tag} {problem.get('type')}: {problem.get('message')}"
            for case in ElementTree.parse(path).getroot().iter("testcase")
            for problem in case
        )


def properties(suite: ElementTree.Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in suite.iter("property")}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
