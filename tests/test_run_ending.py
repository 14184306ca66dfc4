"""However a run ends, its reports are written and nothing of it stays behind."""

import os
import signal
import time
from pathlib import Path

import pytest
from scratch import Done, Scratch, is_alive

INTERRUPTED = """
  @LMP-01
  Scenario: The first is through
    Given a lamp

  @LMP-02
  Scenario: The second is interrupted
    Given a child runs
    And the clean-up takes {clean_up} s
    When the step hangs
    Then a lamp

  @LMP-03
  Scenario: The third is never reached
    Given a lamp
"""


def pids(project: Scratch) -> list[int]:
    return [int(line) for line in (project.folder / "pids").read_text().split()]


def interrupted(project: Scratch, *signals: signal.Signals, clean_up: float = 0.0) -> Done:
    """Ended by the first signal in the middle of a step, and by each following one in the middle of its clean-up."""
    project.feature("one", INTERRUPTED.format(clean_up=clean_up))
    project.feature("two", "\n  @LMP-04\n  Scenario: Nor is the fourth\n    Given a lamp\n")
    begun = time.monotonic()
    run = project.start()
    project.await_file("hanging", run)
    os.kill(run.pid, signals[0])
    for number in signals[1:]:
        project.await_file("cleaning", run)
        os.kill(run.pid, number)
    return project.finish(run, begun)


@pytest.mark.parametrize(
    "signals",
    [
        [signal.SIGTERM],
        [signal.SIGINT],
        [signal.SIGHUP],
        [signal.SIGINT, signal.SIGINT, signal.SIGTERM],
    ],
    ids=lambda signals: "+".join(number.name for number in signals),
)
def test_a_signal_ends_the_step_cleans_up_and_reports(tmp_path: Path, signals: list[signal.Signals]) -> None:
    project = Scratch(tmp_path / "project")
    done = interrupted(project, *signals, clean_up=0.5 if len(signals) > 1 else 0.0)
    name = signals[0].name
    assert done.code not in (0, None)
    assert (project.folder / "cleaned").exists()
    assert not any(is_alive(pid) for pid in pids(project))
    assert project.scenario("LMP-01")["status"] == "passed"
    error = project.suite("LMP-02").find("testcase/error")
    assert error is not None
    assert error.get("message") == f"ended by {name} in step 'When the step hangs'"
    for identity in ("LMP-03", "LMP-04"):
        assert project.scenario(identity)["status"] == "untested"
        assert project.scenario(identity)["reason"] == f"the run was ended by {name}"
    assert f"the run was ended by {name}; 2 selected scenarios were not run" in project.errors_outside()
    assert "LeftoverError" not in project.errors_outside()


def test_a_signal_in_a_clean_up_lets_it_end_and_starts_no_other_scenario(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature(
        "one",
        """
  @LMP-01
  Scenario: The first is cleaned up
    Given the clean-up takes 0.5 s

  @LMP-02
  Scenario: The second does not begin
    Given a lamp
""",
    )
    begun = time.monotonic()
    run = project.start()
    project.await_file("cleaning", run)
    os.kill(run.pid, signal.SIGTERM)
    done = project.finish(run, begun)
    assert done.code != 0
    assert (project.folder / "cleaned").exists()
    assert project.scenario("LMP-01")["status"] == "passed"
    assert project.scenario("LMP-02")["status"] == "untested"
    assert project.errors_outside().splitlines() == [
        "the run: error EndedBySignalError: the run was ended by SIGTERM; 1 selected scenarios were not run"
    ]


def test_a_signal_while_the_steps_are_loaded_is_told(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n")
    project.add("steps/slow_steps.py", "import time, pathlib\npathlib.Path('loading').touch()\ntime.sleep(60)\n")
    begun = time.monotonic()
    run = project.start()
    project.await_file("loading", run)
    os.kill(run.pid, signal.SIGTERM)
    done = project.finish(run, begun)
    assert done.code != 0
    assert "EndedBySignalError" in project.errors_outside()


def test_a_step_that_cannot_be_ended_ends_the_run_with_reports(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature(
        "one",
        INTERRUPTED.format(clean_up=0).replace("the step hangs", "the step hangs and keeps its exceptions to itself"),
    )
    done = project.run("-D", "step_limit=1")
    assert done.code == 70, done.out
    assert not any(is_alive(pid) for pid in pids(project))
    assert project.scenario("LMP-01")["status"] == "passed"
    assert project.scenario("LMP-02")["status"] == "error"
    assert project.scenario("LMP-03")["reason"].startswith("the run hung in step")
    assert project.errors_outside() == ""
    error = project.suite("LMP-02").find("testcase/error")
    assert error is not None
    assert error.get("type") == "StuckError"
    assert "exceptions to itself" in error.get("message", "")
    assert "in swallows" in (project.reports / "evidence/lamp/LMP-02/stacks.txt").read_text()


def test_a_hook_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n")
    done = project.add("environment.py", "import time\ndef before_all(context):\n    time.sleep(100)\n").run(
        "-D", "step_limit=0.1"
    )
    assert done.code == 1
    assert "before_all: error LimitExceededError: before_all took longer" in project.errors_outside()
    assert "time.sleep(100)" in (project.reports / "stacks.txt").read_text()


def test_a_killed_run_leaves_no_old_report_and_says_that_it_died(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n")
    assert project.run().code == 0
    project.feature("one", INTERRUPTED.format(clean_up=0))
    run = project.start()
    project.await_file("hanging", run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    for pid in pids(project):
        os.kill(pid, signal.SIGKILL)
    assert not (project.reports / "report.json").exists()
    assert [path.name for path in (project.reports / "junit").iterdir()] == ["plainwire-run.xml"]
    assert "RunDied" in project.errors_outside()


def test_two_runs_at_once_keep_apart(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", INTERRUPTED.format(clean_up=0))
    project.feature("two", "\n  @LMP-04\n  Scenario: Another\n    Given the answers take 0.1 s\n")
    (project.reports / "concurrent/1").mkdir(parents=True)
    begun = time.monotonic()
    first = project.start("features/lamp/one.feature")
    project.await_file("hanging", first)
    second = project.run("features/lamp/two.feature")
    assert second.code == 0, second.out
    own = next((project.reports / "concurrent").iterdir())
    assert f"this one writes to reports/concurrent/{own.name}/" in second.out
    assert [path.name for path in own.joinpath("junit").iterdir()] == ["lamp.two.xml"]
    assert (own / "evidence/lamp/LMP-04/suite.log").exists()
    assert len((project.reports / "history/performance.jsonl").read_text().splitlines()) == 1
    os.kill(first.pid, signal.SIGTERM)
    project.finish(first, begun)
    assert project.scenario("LMP-02")["status"] == "error"
    assert project.run("features/lamp/two.feature").code == 0
    assert not own.exists(), "the next run removes folders of runs that are over"


def test_somebody_elses_folder_is_not_wiped(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "package.json").write_text("{}")
    done = project.run("-D", f"reports={theirs}")
    assert done.code == 1
    assert "not wiped" in done.out
    assert [path.name for path in theirs.iterdir()] == ["package.json"]
    fresh = tmp_path / "fresh"
    for _ in range(2):
        assert project.run("-D", f"reports={fresh}").code == 0
    assert (fresh / "report.json").exists()
    assert not project.reports.exists()


def test_the_readme_of_the_reports_survives(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n")
    project.reports.mkdir()
    (project.reports / "README.md").write_text("what lies here")
    (project.reports / "old.html").touch()
    assert project.run().code == 0
    assert (project.reports / "README.md").read_text() == "what lies here"
    assert not (project.reports / "old.html").exists()
