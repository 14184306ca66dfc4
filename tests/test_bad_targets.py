"""Profiles and programs that are wrong: one clear message, in time, an error in JUnit, nothing left behind."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
TO_BULB = '"{device_host}", "{device_port}", "{device_id}", "{state}", "{max_attempts}"'
MARK = "3217.75"
"""A number of seconds that nobody else sleeps: leftovers are found by it."""


@dataclass
class Ended:
    """A run of behave that has ended."""

    code: int
    output: str
    reports: Path

    @property
    def errors(self) -> list[str]:
        """The messages of all `<error>` elements in JUnit."""
        found = [error for path in (self.reports / "junit").glob("*.xml") for error in ET.parse(path).iter("error")]
        return [f"{error.get('message', '')}\n{error.text or ''}" for error in found]

    @property
    def failures(self) -> int:
        return sum(1 for path in (self.reports / "junit").glob("*.xml") for _ in ET.parse(path).iter("failure"))

    def scenarios(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads((self.reports / "report.json").read_text())["scenarios"]
        return found


def run(folder: Path, profile: str | None, *more: str) -> Ended:
    path = folder / "profile.yaml"
    if profile is not None:
        path.write_text(profile, encoding="utf-8")
    done = subprocess.run(
        [BEHAVE, "-D", f"targets={path}", "-D", f"reports={folder / 'reports'}", "--tags=@TGL-01", *more, "features/toggle"],
        cwd=ROOT, capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout + done.stderr, folder / "reports")


PROFILES = {
    "no such program": (f"toggle: {{kind: command, argv: [no-such-program-anywhere, {TO_BULB}]}}", ["no-such-program-anywhere"]),
    "not a program": (f"toggle: {{kind: command, argv: [./profile.yaml, {TO_BULB}]}}", ["profile.yaml", "ermission"]),
    "ends at once": (
        f"toggle: {{kind: command, argv: [sh, -c, 'echo cannot read hub.conf >&2; exit 7', x, {TO_BULB}]}}",
        ["code 7", "cannot read hub.conf"],
    ),
    "ends at once although it serves": (
        f"toggle: {{kind: command, argv: [sh, x, {TO_BULB}], serve_argv: [sh, -c, 'echo cannot read hub.conf >&2; exit 7'],"
        " capabilities: [serve]}",
        ["7", "cannot read hub.conf"],
    ),
    "never ready": (
        "toggle: {kind: command, argv: [sh, x, "
        + TO_BULB
        + ", '{metrics_port}'], serve_argv: [sh, -c, 'echo still thinking >&2; sleep "
        + MARK
        + "', '{metrics_port}'], capabilities: [serve], start_timeout: 1.0}",
        ["ready", "still thinking"],
    ),
    "never says it is ready": (
        "toggle: {kind: command, argv: [sh, x, "
        + TO_BULB
        + "], serve_argv: [sh, -c, 'echo still thinking >&2; sleep "
        + MARK
        + "'], capabilities: [serve], start_timeout: 1.0, ready: {log: '^ready$'}}",
        ["ready", "still thinking"],
    ),
    "unknown key": (f"toggle: {{kind: command, argv: [sh, {TO_BULB}], capabilitys: [metrics]}}", ["capabilitys", "capabilities"]),
    "unknown capability": (
        f"toggle: {{kind: command, argv: [sh, {TO_BULB}], capabilities: [metric]}}",
        ["metric", "same_msg_id"],
    ),
    "unknown section": ("toggel: {kind: reference}", ["toggel", "toggle"]),
    "bad YAML": ("toggle: {kind: reference\n", ["profile.yaml", "line"]),
    "unset variable": (f"toggle: {{kind: command, argv: ['${{NOBODY_SETS_THIS}}', {TO_BULB}]}}", ["NOBODY_SETS_THIS", "argv"]),
    "port out of range": (
        f"toggle: {{kind: command, argv: [sh, {TO_BULB}], ready: {{url: 'http://127.0.0.1:70000/'}}}}",
        ["ready", "70000", "65535"],
    ),
    "missing file": (None, ["profile.yaml"]),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    folders = {name: tmp_path_factory.mktemp("target") for name in PROFILES}
    with ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(run, folders[name], profile) for name, (profile, _) in PROFILES.items()}
    return {name: each.result() for name, each in runs.items()}


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_wrong_is_an_error_with_its_cause(ended, name):
    done = ended[name]
    assert done.code == 1
    assert done.errors, done.output
    assert done.failures == 0, "an error, not a broken promise"
    for word in PROFILES[name][1]:
        assert any(word in message for message in done.errors), f"{word!r} is not in {done.errors}"
        assert word in done.output


@pytest.mark.parametrize("name", PROFILES)
def test_the_message_is_short_and_no_traceback(ended, name):
    assert "Traceback" not in ended[name].output


def test_nothing_stays_behind(ended):
    assert all(done.code == 1 for done in ended.values())
    left = [
        process.info for process in psutil.process_iter(["pid", "cmdline"]) if MARK in " ".join(process.info["cmdline"] or [])
    ]
    assert left == []


def test_a_hub_that_hangs_breaks_a_promise_and_is_ended(tmp_path):
    argv = f"[sh, -c, 'sleep {MARK}', x, {TO_BULB}]"
    done = run(tmp_path, f"toggle: {{kind: command, argv: {argv}, timeouts: {{connect: 0.1, io: 0.1}}}}", "-D", "patience=0.2")
    assert done.code == 1
    assert done.failures == 1
    (scenario,) = done.scenarios()
    assert "says within" in json.dumps(scenario)
    assert not [p for p in psutil.process_iter(["cmdline"]) if MARK in " ".join(p.info["cmdline"] or [])]


def test_a_serving_hub_that_hangs_breaks_a_promise_too(tmp_path):
    argv = f"[sh, x, {TO_BULB}], serve_argv: [sh, -c, 'sleep {MARK}'], capabilities: [serve]"
    done = run(tmp_path, f"toggle: {{kind: command, argv: {argv}, timeouts: {{connect: 0.1, io: 0.1}}}}")
    assert (done.code, done.failures, done.errors) == (1, 1, [])
