"""Right hubs of other makes are green: the suite holds them to the contract and to nothing that only our reference does."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BEHAVE = Path(sys.executable).with_name("behave")
PROFILES = ("blocking", "older")


def run(profile, folder):
    done = subprocess.run(
        [BEHAVE, "-D", f"targets={ROOT}/tests/foreign/{profile}.yaml", "-D", f"reports={folder}", "features/toggle"],
        cwd=ROOT, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    return done, json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with ThreadPoolExecutor(len(PROFILES)) as pool:
        started = {name: pool.submit(run, name, tmp_path_factory.mktemp(name) / "reports") for name in PROFILES}
    return {name: each.result() for name, each in started.items()}


@pytest.mark.parametrize("name", PROFILES)
def test_a_right_hub_is_green(runs, name):
    done, report = runs[name]
    red = {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] in ("failed", "error")}
    assert red == {}
    assert done.returncode == 0


@pytest.mark.parametrize("name", PROFILES)
def test_only_what_it_does_not_claim_is_left_out(runs, name):
    _, report = runs[name]
    declined = [each for each in report["scenarios"] if each["status"] == "declined"]
    assert all("does not claim" in each["reason"] or "does not map" in each["reason"] for each in declined)
    assert report["counts"]["skipped"] == report["counts"]["untested"] == 0
    assert report["counts"]["passed"] > len(declined)


def test_an_older_hub_declines_by_capability(runs):
    _, report = runs["older"]
    reasons = Counter(each["reason"] for each in report["scenarios"] if each["status"] == "declined")
    assert set(reasons) == {
        f"needs {name}: the target does not claim it"
        for name in ("metrics", "settings", "same_msg_id", "strict_ack", "serve", "logs")
    }


def test_the_reports_name_the_hub_and_its_version(runs):
    assert runs["blocking"][1]["targets"] == [{"slice": "toggle", "name": "toggle blocking_hub.py", "version": "7.1"}]
    assert runs["older"][1]["targets"][0]["version"] == "1.3 (2019)"
