"""A Given that the target does not offer: the scenario is declined, in a run of the real behave; later it is an error."""

from xml.etree import ElementTree

import pytest
from scratch import Done, Scratch

STEPS = """
from support.kit.errors import DeclinedError

@step("a lamp of {colour} glass")
def of_glass(context, colour):
    context.world.ends.append(lambda: context.world.evidence.folder.joinpath("cleaned-up").touch())
    raise DeclinedError(f"the profile does not map the setting glass, and {colour} is not agreed")

@step("nothing else has happened")
def nothing_else(context):
    context.world.evidence.folder.joinpath("went-on").touch()
"""

FEATURE = """
  Background:
    Given a lamp

  @LMP-01
  Scenario: Declined in the first place
    Given a lamp of blue glass
    When nothing else has happened
    Then nobody knows this step, and nobody asks

  @LMP-02
  Scenario: Declined with And
    Given a lamp
    And a lamp of red glass
    Then the lamp is lit

  @LMP-03
  Scenario: Too late, in a When
    Given a lamp
    When a lamp of green glass
    Then nothing else has happened

  @LMP-04
  Scenario: Too late, in a Then
    Given a lamp
    When 1 trivial things
    Then a lamp of green glass

  @LMP-05
  Scenario: Too late, in a Given behind a When
    Given a lamp
    When 1 trivial things
    Given a lamp of green glass

  @LMP-06
  Scenario: Declined, and then the clean-up fails
    Given the clean-up will fail
    And a lamp of blue glass
    Then nothing else has happened

  @LMP-07
  Scenario: The others go on
    Given a lamp
"""
REASON = "the profile does not map the setting glass, and {} is not agreed"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scratch, Done]:
    project = Scratch(tmp_path_factory.mktemp("declined"))
    project.add("steps/lamp_steps.py", STEPS).feature("glass", FEATURE)
    return project, project.run("-D", "strict=yes")


@pytest.mark.parametrize(("identity", "colour"), [("LMP-01", "blue"), ("LMP-02", "red")])
def test_a_given_that_is_not_offered_is_declined_with_the_reason(ran, identity, colour):
    project, run = ran
    record = project.scenario(identity)
    assert (record["status"], record["reason"]) == ("declined", REASON.format(colour)), run.out
    assert record["problems"] == []
    case = project.suite(identity).find("testcase")
    assert case is not None
    assert [element.tag for element in case] == ["skipped"], ElementTree.tostring(case)
    assert case[0].get("message") == f"declined: {REASON.format(colour)}"


def test_the_steps_behind_it_do_not_run_and_the_clean_ups_do(ran):
    project, _ = ran
    evidence = project.reports / "evidence/lamp/LMP-01"
    assert (evidence / "cleaned-up").exists()
    assert not (evidence / "went-on").exists()
    assert [step["status"] for step in project.scenario("LMP-01")["steps"]] == ["passed", "skipped", "skipped", "skipped"]


@pytest.mark.parametrize("identity", ["LMP-03", "LMP-04", "LMP-05"])
def test_once_something_was_done_nothing_can_be_declined(ran, identity):
    project, _ = ran
    record = project.scenario(identity)
    assert record["status"] == "error"
    assert record["reason"] == f"declined after something was done: {REASON.format('green')}"
    assert record["problems"][0]["type"] == "InfrastructureError"


def test_a_clean_up_that_fails_is_told_all_the_same(ran):
    project, _ = ran
    record = project.scenario("LMP-06")
    assert (record["status"], record["reason"]) == ("error", "the lamp cannot be put away")


def test_they_are_counted_apart_and_the_others_go_on(ran):
    project, run = ran
    counts = project.report()["counts"]
    assert (counts["declined"], counts["error"], counts["passed"]) == (2, 4, 1)
    assert "2 declined by the target" in run.out
    assert f"declined 1 x {REASON.format('blue')}" in " ".join(run.out.split())


def test_a_run_in_which_all_else_is_green_is_green(tmp_path):
    project = Scratch(tmp_path).add("steps/lamp_steps.py", STEPS)
    project.feature(
        "two",
        "\n  @LMP-01\n  Scenario: One\n    Given a lamp\n\n  @LMP-02\n  Scenario: Other\n    Given a lamp of blue glass\n",
    )
    run = project.run("-D", "strict=yes")
    assert run.code == 0, run.out
    assert project.report()["red"] is False
