"""A right gateway of another make is green, however it is reached; the same gateway with one line changed is red."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts

ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
FOREIGN = ROOT / "tests" / "foreign" / "threaded_gateway.py"
TOKEN = "a-token-that-is-long-enough"
ADDRESS = """\
gateway:
  kind: address
  url: ws://127.0.0.1:{port}
  token: {token}
  metrics_url: http://127.0.0.1:{admin}/metrics
  health_url: http://127.0.0.1:{admin}/health
  tools: {{fast: status, slow: sleep, failing: fail}}
"""


def run(folder, profile, tags):
    done = subprocess.run(
        [BEHAVE, "-D", f"targets={profile}", "-D", f"reports={folder / 'reports'}", f"--tags={tags}", "features/gateway"],
        cwd=ROOT, capture_output=True, text=True, timeout=500, env=os.environ | {"PYTHON": sys.executable},
    )  # fmt: skip
    return done, json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))


def red(report):
    return {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] in ("failed", "error")}


def test_a_right_gateway_is_green_in_every_scenario(tmp_path):
    done, report = run(tmp_path, FOREIGN.with_suffix(".yaml"), "not @performance")
    assert red(report) == {}
    assert done.returncode == 0
    assert report["counts"]["declined"] == report["counts"]["skipped"] == report["counts"]["untested"] == 0
    assert report["targets"] == [{"slice": "gateway", "name": "gateway threaded_gateway.py", "version": "3.2"}]


def test_a_right_gateway_that_runs_already_is_green_and_declines_what_the_suite_cannot_see(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(TOKEN, encoding="utf-8")
    with lease_port() as port, lease_port() as admin:
        argv = [sys.executable, str(FOREIGN), "--listen", str(port.port), "--admin", str(admin.port)]
        argv += ["--secret-file", str(secret), "--session-rate", "off", "--peer-rate", "off", "--whole-rate", "off"]
        with ManagedProcess.start(argv, name="gateway", log=tmp_path / "gateway.log") as gateway:
            gateway.wait_ready(lambda: accepts("127.0.0.1", port.port), 20.0, "the gateway to listen")
            profile = tmp_path / "address.yaml"
            profile.write_text(ADDRESS.format(port=port.port, admin=admin.port, token=TOKEN), encoding="utf-8")
            done, report = run(tmp_path, profile, "not @performance")
            assert gateway.alive
    assert red(report) == {}
    assert done.returncode == 0
    assert report["counts"]["passed"] > report["counts"]["declined"] > 0
    reasons = Counter(each["reason"].partition(":")[0] for each in report["scenarios"] if each["status"] == "declined")
    assert {"needs breaker", "needs rate", "needs restart", "needs shutdown"} <= set(reasons)


def test_the_token_of_a_gateway_that_runs_already_is_nowhere_in_the_reports(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(TOKEN, encoding="utf-8")
    with lease_port() as port, lease_port() as admin:
        argv = [sys.executable, str(FOREIGN), "--listen", str(port.port), "--admin", str(admin.port)]
        with ManagedProcess.start([*argv, "--secret-file", str(secret)], name="gateway", log=tmp_path / "gateway.log") as gateway:
            gateway.wait_ready(lambda: accepts("127.0.0.1", port.port), 20.0, "the gateway to listen")
            profile = tmp_path / "address.yaml"
            profile.write_text(ADDRESS.format(port=port.port, admin=admin.port, token=TOKEN), encoding="utf-8")
            done, _ = run(tmp_path, profile, "@GWY-04 or @GWY-05")
    written = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert len(written) > 20
    assert [str(path) for path in written if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in done.stdout + done.stderr


WRONG = {
    "every call is answered with ok:false": ('"ok": True, "outputs"', '"ok": False, "outputs"', "@GWY-01 or @GWY-30"),
}


@pytest.mark.parametrize("breaks", WRONG)
def test_a_wrong_gateway_is_red(tmp_path, breaks):
    honest, lying, tags = WRONG[breaks]
    text = FOREIGN.read_text(encoding="utf-8")
    assert text.count(honest) == 1, f"{honest!r} stands {text.count(honest)} times in {FOREIGN.name}"
    (tmp_path / FOREIGN.name).write_text(text.replace(honest, lying), encoding="utf-8")
    profile = tmp_path / "wrong.yaml"
    profile.write_text(FOREIGN.with_suffix(".yaml").read_text(encoding="utf-8"), encoding="utf-8")
    done, report = run(tmp_path, profile, tags)
    assert red(report), f"no scenario of {tags} has noticed"
    assert done.returncode == 1
