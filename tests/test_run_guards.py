"""The guards against what behave 1.3.3 accepts in silence: each is shown in a run of the real behave."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from scratch import Done, Scratch, is_alive, properties

ONE = """
  @LMP-01
  Scenario: The lamp is there
    Given a lamp
"""
OTHER = """
  @LMP-02
  Scenario: The other lamp is there
    Given a lamp
"""
NO_DOCKER = {"DOCKER_HOST": "tcp://127.0.0.1:1"}
Scene = Callable[[Scratch], Done]
SCENES: dict[str, Scene] = {}


def scene(act: Scene) -> Scene:
    SCENES[act.__name__] = act
    return act


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[tuple[Scratch, Done]]]:
    """All runs of this module, two at a time."""

    def act(name: str) -> tuple[Scratch, Done]:
        project = Scratch(tmp_path_factory.mktemp(name))
        return project, SCENES[name](project)

    with ThreadPoolExecutor(2) as pool:
        return {name: pool.submit(act, name) for name in SCENES}


@pytest.fixture
def done(request: pytest.FixtureRequest, scenes: dict[str, Future[tuple[Scratch, Done]]]) -> tuple[Scratch, Done]:
    """The project and the run named by the test's @of mark."""
    return scenes[request.param].result()


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("done", [name], indirect=True)


# Trap 1: nothing ran


@scene
def by_tag(project: Scratch) -> Done:
    return project.feature("one", ONE).run("--tags=@nobody")


@scene
def by_name(project: Scratch) -> Done:
    return project.feature("one", ONE).run("--name", "no such name")


@scene
def by_path(project: Scratch) -> Done:
    (project.folder / "features/empty").mkdir()
    return project.feature("one", ONE).run("features/empty")


@pytest.mark.parametrize("done", ["by_tag", "by_name", "by_path"], indirect=True)
def test_a_run_that_selects_nothing_is_red(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert "NothingRanError: no scenario was selected" in run.out
    assert "NothingRanError" in project.errors_outside()


@scene
def missing_path(project: Scratch) -> Done:
    return project.feature("one", ONE).run("features/lamp/nowhere.feature")


@of("missing_path")
def test_a_feature_file_that_is_not_there_is_an_error(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert "nowhere.feature" in project.errors_outside()


@scene
def all_skipped(project: Scratch) -> Done:
    project.feature("one", "\n  @LMP-01 @needs.paint\n  Scenario: Painted\n    Given a lamp\n")
    return project.feature("two", "\n  @LMP-02 @wip\n  Scenario: Not yet\n    Given a lamp\n").run()


@of("all_skipped")
def test_a_run_in_which_all_is_skipped_is_red_and_tells_the_reasons(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert "this lamp cannot be painted" in project.errors_outside()
    assert "work in progress" in project.errors_outside()
    assert project.scenario("LMP-01")["status"] == "declined"
    assert project.scenario("LMP-02")["status"] == "skipped"


@scene
def wip_asked_for(project: Scratch) -> Done:
    return project.feature("two", "\n  @LMP-02 @wip\n  Scenario: Not yet\n    Given a lamp\n").run("--tags=@wip")


@of("wip_asked_for")
def test_work_in_progress_runs_when_it_is_asked_for(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 0
    assert project.scenario("LMP-02")["status"] == "passed"


# A run with one scenario per kind of trouble

TROUBLE = """
  A lamp has many ways to go wrong.

  @LMP-01 @smoke
  Scenario: All is well
    Given a lamp

  Rule: Trouble is told apart

    Background:
      Given a lamp

    @LMP-02
    Scenario: A promise is broken
      Then the lamp is lit
      And a lamp

    @LMP-03
    Scenario: A step crashes
      Then the lamp bursts

    @LMP-04
    Scenario: A step answers no
      Then the step answers no

    @LMP-05
    Scenario: A step hangs
      When the step hangs

    @LMP-06
    Scenario: A step leaves the program
      When the step leaves the program

    @LMP-07
    Scenario: The audit finds something
      When the audit will find a moth

    @LMP-08
    Scenario: The clean-up fails
      When the clean-up will fail

    @LMP-09
    Scenario: A step is not known
      When nobody knows this step

    @LMP-10 @needs.paint
    Scenario: The target declines
      Given a lamp

    @LMP-11
    Scenario: The clean-up hangs
      When the clean-up will hang

    @LMP-12
    Scenario: A promise is broken and the clean-up fails
      Given the clean-up will fail
      Then the lamp is lit

    @LMP-13
    Scenario Outline: A lamp that needs <delay> s
      Given the answers take <delay> s

      Examples: Some delays
        | delay |
        | 0.1   |

      Examples: More delays
        | delay |
        | 0.2   |

    @LMP-14
    Scenario: A child is forgotten
      When a child is forgotten

    @LMP-15 @needs.magic
    Scenario: A need that nobody knows
      Given a lamp

    @LMP-16
    Scenario: The hook fails @before_scenario
      Given a lamp

    @LMP-17
    Scenario: The hook fails @after_scenario
      Given a lamp

    @LMP-18
    Scenario: The last one runs after all that
      Given a lamp
"""
FAILING_HOOKS = """
opened = before_scenario

def before_scenario(context, scenario):
    opened(context, scenario)
    if scenario.name.endswith("@before_scenario"):
        raise OSError("the hook before broke")

def after_scenario(context, scenario):
    session.audit()
    if scenario.name.endswith("@after_scenario"):
        raise OSError("the hook after broke")
"""


@scene
def trouble(project: Scratch) -> Done:
    project.feature("trouble", TROUBLE).add("environment.py", FAILING_HOOKS)
    return project.run("-D", "step_limit=1", "--junit", "--junit-directory", "for_ci")


EXPECTED = {
    "LMP-01": ("passed", "", ""),
    "LMP-02": ("failed", "PromiseBrokenError", "promised  the lamp is lit\nseen      it is dark\nwhere     LMP-02, lamp"),
    "LMP-03": ("error", "ValueError", "bad glass"),
    "LMP-04": ("error", "StepReturnedError", "the step returned False"),
    "LMP-05": ("error", "LimitExceededError", "step 'When the step hangs' took longer than the limit of 1 s"),
    "LMP-06": ("error", "QuitError", "tried to leave the program"),
    "LMP-07": ("error", "InfrastructureError", "the audit found a moth"),
    "LMP-08": ("error", "InfrastructureError", "the lamp cannot be put away"),
    "LMP-09": ("error", "UndefinedStepError", "no step definition matches: When nobody knows this step"),
    "LMP-10": ("declined", "", "needs paint: this lamp cannot be painted"),
    "LMP-11": ("error", "LimitExceededError", "clean-up LampWorld.close took longer than the limit of 1 s"),
    "LMP-12": ("error", "InfrastructureError", "the lamp cannot be put away"),
    "LMP-13.1": ("passed", "", ""),
    "LMP-13.2": ("passed", "", ""),
    "LMP-14": ("passed", "", ""),
    "LMP-15": ("error", "RunRefusedError", "unknown need @needs.magic"),
    "LMP-16": ("error", "OSError", "the hook before broke"),
    "LMP-17": ("error", "OSError", "the hook after broke"),
    "LMP-18": ("passed", "", ""),
}


@of("trouble")
@pytest.mark.parametrize("identity", EXPECTED)
def test_trouble_in_a_scenario_is_told_in_junit_and_json(done: tuple[Scratch, Done], identity: str) -> None:
    project, run = done
    status, kind, text = EXPECTED[identity]
    record, suite = project.scenario(identity), project.suite(identity)
    assert record["status"] == status, run.out
    found = {element.tag: element for element in suite.find("testcase") or ()}
    if status == "passed":
        assert not found
    elif status == "declined":
        assert text in found["skipped"].get("message", "")
        assert record["reason"] == text
    else:
        element = found["failure" if status == "failed" else "error"]
        assert element.get("type") == kind
        assert text in element.get("message", "")


@of("trouble")
def test_a_run_with_trouble_is_red_and_its_counts_add_up(done: tuple[Scratch, Done]) -> None:
    project, run = done
    counts = project.report()["counts"]
    assert run.code == 1
    assert (
        counts["selected"]
        == len(EXPECTED)
        == sum(counts[kind] for kind in ("passed", "failed", "error", "skipped", "declined", "untested"))
    )


@of("trouble")
def test_a_broken_promise_stays_readable_beside_a_clean_up_error(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    error = project.suite("LMP-12").find("testcase/error")
    assert error is not None
    assert "failure in step 'Then the lamp is lit'" in (error.text or "")


@of("trouble")
def test_a_hung_step_leaves_the_stacks_of_all_threads(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    stacks = (project.reports / "evidence/lamp/LMP-05/stacks.txt").read_text()
    assert "time.sleep(120)" in stacks
    assert "thread MainThread" in stacks
    assert "evidence/lamp/LMP-05/stacks.txt" in project.scenario("LMP-05")["evidence"]


@of("trouble")
def test_each_scenario_has_a_log_file_of_its_own(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    assert "a lamp is here" in (project.reports / "evidence/lamp/LMP-02/suite.log").read_text()


@of("trouble")
def test_a_forgotten_process_is_stopped_and_told(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    assert "LeftoverError: still running at the end, and stopped now: child" in project.errors_outside()
    assert not any(is_alive(int(pid)) for pid in (project.folder / "pids").read_text().split())


@of("trouble")
def test_steps_and_properties_are_told(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    suite = project.suite("LMP-02")
    expected = {"slice": "lamp", "rule": "Trouble is told apart", "target": "lamp reference", "target_version": "1.2.3"}
    assert expected.items() <= properties(suite).items()
    out = suite.findtext("system-out") or ""
    assert "failed" in out
    assert "Then the lamp is lit" in out
    assert "evidence  reports/evidence/lamp/LMP-02/" in out
    steps = project.scenario("LMP-02")["steps"]
    assert [step["status"] for step in steps] == ["passed", "failed", "skipped"]
    assert project.scenario("LMP-13.2")["numbers"] == [{"name": "delay", "value": 200.0, "unit": "ms"}]


@of("trouble")
def test_the_junit_folder_of_the_command_line_is_written_too(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    ours = {path.name: path.read_bytes() for path in (project.reports / "junit").iterdir()}
    assert ours == {path.name: path.read_bytes() for path in (project.folder / "for_ci").iterdir()}


@of("trouble")
def test_the_summary_is_short_and_counts_apart(done: tuple[Scratch, Done]) -> None:
    _, run = done
    summary = run.out[run.out.rindex("\nRED") + 1 :].split("\n\n")[0].splitlines()
    assert len(summary) <= 15
    assert "5 passed, 1 failed, 12 errors, 1 outside the scenarios, 1 declined by the target" in summary[0]
    assert any("slowest" in line for line in summary)
    assert any("reports/" in line for line in summary)


# Trap 3: errors outside of scenarios


@scene
def broken_before_all(project: Scratch) -> Done:
    project.add("environment.py", "def before_all(context):\n    raise OSError('no power')\n")
    return project.feature("one", ONE).run()


@scene
def broken_hooks(project: Scratch) -> Done:
    project.add(
        "environment.py",
        """
def before_feature(context, feature):
    context.add_cleanup(fail, "cleaning the feature")
    if feature.name == "one":
        fail("before the feature")

def after_feature(context, feature):
    fail("after the feature")

def after_all(context):
    context.add_cleanup(fail, "cleaning the run")
    fail("after all")

def fail(text):
    raise OSError(text)
""",
    )
    return project.feature("one", ONE).feature("two", OTHER).run()


@of("broken_before_all")
def test_an_error_in_before_all_is_told_and_nothing_runs(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert "before_all: error OSError: no power" in project.errors_outside()
    assert "no power" in run.out


@of("broken_hooks")
def test_errors_of_all_other_hooks_and_clean_ups_are_told(done: tuple[Scratch, Done]) -> None:
    project, run = done
    told = project.errors_outside()
    assert run.code == 1
    for place, text in (
        ("before_feature", "before the feature"),
        ("after_feature", "after the feature"),
        ("clean-up", "cleaning the feature"),
        ("after_all", "after all"),
        ("clean-up", "cleaning the run"),
    ):
        assert f"{place}: error OSError: {text}" in told
    assert project.scenario("LMP-01")["status"] == "untested"
    assert project.scenario("LMP-02")["status"] == "passed"


@scene
def broken_steps(project: Scratch) -> Done:
    return project.add("steps/other_steps.py", "import no_such_module").feature("one", ONE).run()


@scene
def broken_environment(project: Scratch) -> Done:
    return project.add("environment.py", "raise OSError('no luck')").feature("one", ONE).run()


@scene
def broken_feature(project: Scratch) -> Done:
    return project.feature("one", ONE + "\n  Nonsense: here\n").run()


@scene
def broken_formatter(project: Scratch) -> Done:
    project.add(
        "support/lamp/crash.py",
        """
from behave.formatter.base import Formatter
class Crash(Formatter):
    name = "crash"
    def result(self, step):
        raise RuntimeError("the formatter crashed")
""",
    ).add("behave.ini", "crash = support.lamp.crash:Crash\n")
    return project.feature("one", ONE).run("--format", "crash", env={"PYTHONPATH": str(project.folder)})


@scene
def broken_profile(project: Scratch) -> Done:
    return (
        project.add("targets/mine.yaml", "lamp: {kind: reference, color: red}")
        .feature("one", ONE)
        .run("-D", "targets=targets/mine.yaml")
    )


@scene
def broken_target(project: Scratch) -> Done:
    return project.feature("one", ONE).run(env={"LAMP_IS_BROKEN": "1"})


@pytest.mark.parametrize(
    ("done", "text"),
    [
        ("broken_steps", "loading the steps: error ModuleNotFoundError: No module named 'no_such_module'"),
        ("broken_environment", "the run: error OSError: no luck"),
        ("broken_feature", "reading the features: error ParserError"),
        ("broken_formatter", "the formatter crashed"),
        ("broken_profile", "color"),
        ("broken_target", "opening the target of lamp: error InfrastructureError: the lamp does not start"),
    ],
    indirect=["done"],
)
def test_what_breaks_before_or_around_the_scenarios_is_told(done: tuple[Scratch, Done], text: str) -> None:
    project, run = done
    assert run.code == 1
    assert text in project.errors_outside()


@of("broken_target")
def test_scenarios_of_a_target_that_does_not_open_are_errors(done: tuple[Scratch, Done]) -> None:
    project, _ = done
    assert project.scenario("LMP-01")["status"] == "error"


# Trap 6, trap 10, and wrong options


@scene
def progress(project: Scratch) -> Done:
    return project.feature("one", ONE).run("--format", "progress")


@scene
def two_jobs(project: Scratch) -> Done:
    return project.feature("one", ONE).run("--jobs", "2")


@scene
def wrong_options(project: Scratch) -> Done:
    return project.feature("one", ONE).run(
        "-D", "target=x.yaml", "-D", "patience=much", "-D", "strict=perhaps", "-D", "timing=soft"
    )


@pytest.mark.parametrize(
    ("done", "texts"),
    [
        ("progress", ["-f progress", "crashes on a clean-up error"]),
        ("two_jobs", ["--jobs 2"]),
        ("wrong_options", ["-D target;", "targets: a profile", "patience=much", "strict=perhaps", "timing=soft"]),
    ],
    indirect=["done"],
)
def test_wrong_options_are_refused_with_one_message(done: tuple[Scratch, Done], texts: list[str]) -> None:
    project, run = done
    assert run.code == 1
    assert run.out.count("ConfigError") == 1
    assert "Traceback" not in run.out
    for text in texts:
        assert text in run.out
        assert text in project.errors_outside()


@scene
def wrong_features(project: Scratch) -> Done:
    project.feature("one", ONE).feature("two", ONE.replace("LMP-01", "LMP-03"))
    project.feature("three", OTHER.replace("LMP-02", "LMP-01"))
    project.feature("four", "\n  Scenario: No id\n    Given a lamp\n")
    project.feature("five", "\n  @LMP-05 @LMP-06\n  Scenario: Two ids\n    Given a lamp\n", tags="@nobody")
    project.add("steps/async_steps.py", "from behave import when\n@when('we wait')\nasync def wait(context):\n    pass\n")
    bad = "from behave import use_step_matcher, when\nuse_step_matcher('re')\n@when('bad (')\ndef bad(context):\n    pass\n"
    return project.add("steps/bad_steps.py", bad).run()


@of("wrong_features")
def test_features_and_steps_that_cannot_be_right_are_refused_all_at_once(done: tuple[Scratch, Done]) -> None:
    project, run = done
    told = project.errors_outside()
    assert run.code == 1
    assert "the id LMP-01 stands at 2 scenarios" in told
    assert "2 scenarios have the name 'The lamp is there'" in told
    assert "features/lamp/four.feature:5: needs exactly one id tag" in told
    assert "features/lamp/five.feature:6: needs exactly one id tag" in told
    assert "five.feature: needs exactly one slice tag; known slices: lamp" in told
    assert "async step function at steps/async_steps.py:" in told
    assert "bad step definition, ignored by behave: " in told
    assert "bad (" in told
    assert project.report()["counts"]["untested"] == 5


# Trap 9, and runs that only list


@scene
def bare(project: Scratch) -> Done:
    hidden = project.folder / ".venv/features"
    hidden.mkdir(parents=True)
    (hidden / "other.feature").write_text("Feature: Other\n  Scenario: Not ours\n    Given nothing\n")
    return project.feature("one", ONE).run()


@of("bare")
def test_a_bare_behave_runs_the_features_folder_only(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 0, run.out
    assert [one["id"] for one in project.report()["scenarios"]] == ["LMP-01"]
    assert project.errors_outside() == ""


@scene
def listing(project: Scratch) -> Done:
    project.feature("one", ONE).run()
    (project.reports / "mark.json").touch()
    outs = [project.run("--dry-run"), project.run("--format", "steps.catalog"), project.run("--dry-run", "--junit")]
    return Done(max(done.code for done in outs), "\n".join(done.out for done in outs), 0.0)


@of("listing")
def test_runs_that_only_list_touch_no_reports(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 0
    assert (project.reports / "mark.json").exists()
    assert project.report()["counts"]["passed"] == 1
    assert not list(project.reports.glob("*.xml"))
    assert "The lamp is there" in run.out
    assert "Given a lamp" in run.out


# Needs and timing


NEEDY = ONE + "\n  @LMP-02 @needs.docker\n  Scenario: The lamp comes in a box\n    Given a lamp\n"
SLOW = "\n  @LMP-01 @performance\n  Scenario: The lamp is slow\n    Given the answers take 0.5 s\n\n" + OTHER


@scene
def at_home(project: Scratch) -> Done:
    return project.feature("one", NEEDY).run(env=NO_DOCKER)


@scene
def strict(project: Scratch) -> Done:
    return project.feature("one", NEEDY).run("-D", "strict=yes", env=NO_DOCKER)


@of("at_home")
def test_what_the_machine_lacks_is_skipped_at_home(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 0, run.out
    assert project.scenario("LMP-02")["status"] == "skipped"
    assert "needs docker: no Docker engine" in project.scenario("LMP-02")["reason"]


@of("strict")
def test_what_the_machine_lacks_is_an_error_in_a_strict_run(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert project.scenario("LMP-02")["status"] == "error"
    assert "NeedMissingError" in run.out


@scene
def slow(project: Scratch) -> Done:
    project.feature("one", SLOW).run()
    return project.run()


@scene
def slow_strict(project: Scratch) -> Done:
    return project.feature("one", SLOW).run("-D", "timing=strict")


@of("slow")
def test_a_missed_bound_of_time_warns_everywhere_and_stays_green(done: tuple[Scratch, Done]) -> None:
    project, run = done
    warning = "p95 500.00 ms is over the threshold of 300.0 ms"
    assert run.code == 0
    assert "PERFORMANCE REPORT" in run.out
    assert f"warning   {warning}" in run.out
    assert properties(project.suite("LMP-01"))["timing"] == warning
    assert "timing" not in properties(project.suite("LMP-02"))
    assert project.report()["warnings"] == [warning]
    assert (project.reports / "performance-report.json").exists()
    history = (project.reports / "history/performance.jsonl").read_text().splitlines()
    assert len(history) == 2, "the history is kept from run to run"


@scene
def dim(project: Scratch) -> Done:
    return project.feature("one", "\n  @LMP-01\n  Scenario: The lamp is dim\n    Given the lamp is a little dim\n").run()


@of("dim")
def test_what_falls_short_without_being_red_is_told_everywhere(done: tuple[Scratch, Done]) -> None:
    project, run = done
    text = "the lamp is bright: a little dim"
    assert run.code == 0
    assert f"warning   LMP-01    {text}" in run.out
    assert f"warning   LMP-01: {text}" in run.out
    assert properties(project.suite("LMP-01"))["warning"] == text
    assert project.scenario("LMP-01")["warnings"] == [text]
    assert project.report()["warnings"] == [f"LMP-01: {text}"]


@of("slow_strict")
def test_a_missed_bound_of_time_is_red_where_timing_is_strict(done: tuple[Scratch, Done]) -> None:
    project, run = done
    assert run.code == 1
    assert "failure ThresholdError: p95 500.00 ms is over" in project.errors_outside()


def test_the_suite_finds_the_project_from_its_folders(tmp_path: Path) -> None:
    project = Scratch(tmp_path / "project").feature("one", ONE)
    inside = project.folder / "features"
    done = os.spawnlp(os.P_WAIT, "sh", "sh", "-c", f"cd '{inside}' && '{os.sys.executable}' -m behave lamp >/dev/null 2>&1")
    assert done == 0
    assert project.scenario("LMP-01")["status"] == "passed"
