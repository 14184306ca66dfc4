"""Right hubs of other makes are green: the suite holds them to the contract and to nothing that only our reference does."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign_runs import red, run

FOREIGN = Path(__file__).parent / "foreign"
PROFILES = ("blocking", "older")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with ThreadPoolExecutor(len(PROFILES)) as pool:
        started = {
            name: pool.submit(run, "toggle", tmp_path_factory.mktemp(name), FOREIGN / f"{name}.yaml", "@toggle")
            for name in PROFILES
        }
    return {name: each.result() for name, each in started.items()}


@pytest.mark.parametrize("name", PROFILES)
def test_a_right_hub_is_green(runs, name):
    done, report = runs[name]
    assert red(report) == {}
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
