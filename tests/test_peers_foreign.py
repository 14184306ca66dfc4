"""Right chargers of another make are green; the same chargers with one line changed are red."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign import stdlib_node_mutants as mutants
from foreign_runs import red, run, run_one

FOREIGN = Path(__file__).parent / "foreign" / "stdlib_chargers.yaml"
PROGRAMS = ("stdlib_node.py", "stdlib_board.py")


def test_right_chargers_are_green_in_every_scenario(tmp_path):
    done, report = run("peers", tmp_path, FOREIGN, "not @slow and not @performance and not @needs.docker")
    assert red(report) == {}
    assert done.returncode == 0
    declined = {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] == "declined"}
    unclaimed = {"PEE-43": "renaming", "PEE-137": "authentication", "PEE-138": "authentication"}
    assert declined == {number: f"needs {what}: the target does not claim it" for number, what in unclaimed.items()}
    assert report["counts"]["skipped"] == report["counts"]["untested"] == 0
    assert report["counts"]["passed"] > 80
    assert report["targets"] == [{"slice": "peers", "name": "charger stdlib_node.py with stdlib_board.py", "version": "T5.1"}]


NOTICED = {
    "board_wrong_check_taken": "05",
    "board_unclamped": "06",
    "board_changes_in_silence": "10",
    "board_draws_asleep": "13",
    "node_new_id_each_start": "21",
    "node_one_id_for_all": "24",
    "node_starts_empty": "27",
    "node_wrong_check_sent": "30",
    "node_serial_stops_http": "34",
    "node_wrong_port_in_air": "44",
    "node_case_matters": "63",
    "node_error_key": "71",
    "node_one_way": "80",
    "node_tells_strangers": "83",
    "node_forgets_group": "85",
    "node_no_safety": "101",
    "node_no_rotation": "112",
    "node_half_applied": "120",
    "node_no_failsafe": "131",
    "node_anybody_may": "136",
}
"""What is wrong -> the number of the scenario that must notice."""


def wrong_run(folder, name):
    """A run of the scenario that must notice."""
    for program in PROGRAMS:
        text = mutants.mutated(name) if mutants.program(name).name == program else (FOREIGN.parent / program).read_text("utf-8")
        (folder / program).write_text(text, encoding="utf-8")
    profile = folder / "wrong.yaml"
    profile.write_text(FOREIGN.read_text(encoding="utf-8"), encoding="utf-8")
    return run_one("peers", folder, profile, f"PEE-{NOTICED[name]}")


@pytest.fixture(scope="module")
def wrong_runs(tmp_path_factory):
    folders = {name: tmp_path_factory.mktemp("wrong") for name in NOTICED}
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(NOTICED, pool.map(wrong_run, folders.values(), folders), strict=True))


@pytest.mark.parametrize("name", NOTICED)
def test_chargers_with_one_line_that_is_wrong_are_red(wrong_runs, name):
    report = wrong_runs[name]
    assert red(report), f"PEE-{NOTICED[name]} has not noticed: {mutants.MUTANTS[name][2]}"
    assert report["red"]
    assert [each for each in report["scenarios"] if each["status"] == "error"] == []


def test_every_wrong_line_can_be_planted():
    assert mutants.faults() == []
