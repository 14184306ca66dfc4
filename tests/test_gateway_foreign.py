"""A right gateway of another make is green, however it is reached; the same gateway with one line changed is red."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign_runs import red, run, run_one

from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts

FOREIGN = Path(__file__).parent / "foreign" / "threaded_gateway.py"
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


def test_a_right_gateway_is_green_in_every_scenario(tmp_path):
    done, report = run("gateway", tmp_path, FOREIGN.with_suffix(".yaml"), "not @performance")
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
            done, report = run("gateway", tmp_path, profile, "not @performance")
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
            done, _ = run("gateway", tmp_path, profile, "@GWY-04 or @GWY-05")
    written = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert len(written) > 20
    assert [str(path) for path in written if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in done.stdout + done.stderr


WRONG = {
    "every call is answered with ok:false": ('"ok": True, "op": "call_tool_res"', '"ok": False, "op": "call_tool_res"', "01"),
    "pongs bear no request id": ('{"at": time.time(), "request_id": request_id, "op"', '{"at": time.time(), "op"', "30"),
    "the beginning of the token is enough": (
        "hmac.compare_digest(given, self.gateway.token)",
        "given[:1] and self.gateway.token.startswith(given)",
        "04",
    ),
    "a frame of just the limit is refused": ("> self.gateway.args.frame_limit and", ">= self.gateway.args.frame_limit and", "41"),
    "other alphabets are lost": ("call, text: text, True", 'call, text: text.encode("ascii", "replace").decode(), True', "33"),
    "calls are told in seconds": ("round(took * 1000, 3)", "round(took, 6)", "34"),
    "a repeat gets another session's answer": (
        "SimpleNamespace(running={}, kept={}, bucket=bucket)",
        "SimpleNamespace(running={}, kept=self.__dict__.setdefault('kept', {}), bucket=bucket)",
        "85",
    ),
    "the breaker opens one late": ("if self.failures >= self.trip_after:", "if self.failures > self.trip_after:", "100"),
    "four calls try at a time": ("if self.probes >= self.width:", "if self.probes > self.width:", "111"),
    "one call too many": ("self.in_flight >= self.args.work,", "self.in_flight > self.args.work,", "134"),
    "one request too many": ("return 0 if self.level >= 1 else", "return 0 if self.level >= 0 else", "140"),
    "sessions see each other's figures": (
        '"messages_sent": self.sent, ',
        '"messages_sent": sum(each.sent for each in self.gateway.seated), ',
        "169",
    ),
}
"""What is wrong -> the right text, the wrong one in its place, and the number of the scenario that must notice."""


@pytest.fixture(scope="module")
def wrong_runs(tmp_path_factory):
    text = FOREIGN.read_text(encoding="utf-8")

    def one(breaks):
        honest, lying, number = WRONG[breaks]
        assert text.count(honest) == 1, f"{honest!r} stands {text.count(honest)} times in {FOREIGN.name}"
        folder = tmp_path_factory.mktemp("wrong")
        (folder / FOREIGN.name).write_text(text.replace(honest, lying), encoding="utf-8")
        profile = folder / "wrong.yaml"
        profile.write_text(FOREIGN.with_suffix(".yaml").read_text(encoding="utf-8"), encoding="utf-8")
        return run_one("gateway", folder, profile, f"GWY-{number}")

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(WRONG, pool.map(one, WRONG), strict=True))


@pytest.mark.parametrize("breaks", WRONG)
def test_a_gateway_with_one_line_that_is_wrong_is_red(wrong_runs, breaks):
    report = wrong_runs[breaks]
    assert red(report), f"GWY-{WRONG[breaks][2]} has not noticed that {breaks}"
    assert report["red"]
