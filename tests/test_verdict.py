"""How the steps of a scenario went, as slices are told by a run of the real behave."""

import pytest
from scratch import Scratch

from support.kit.verdict import steps_went_well, tell_steps

STEPS = """
from support.kit.errors import DeclinedError
from support.kit.verdict import steps_went_well

@step("a lamp that listens")
def listens(context):
    folder = context.world.evidence.folder
    tell = lambda when: folder.joinpath(when).write_text(str(steps_went_well()))
    tell("at-first")
    context.world.audit = lambda: tell("audit")
    context.world.ends.append(lambda: tell("clean-up"))

@step("a lamp of blue glass")
def of_glass(context):
    raise DeclinedError("no blue glass")
"""

FEATURE = """
  @LMP-01
  Scenario: All goes well
    Given a lamp that listens
    Then a lamp

  @LMP-02
  Scenario: A promise is broken
    Given a lamp that listens
    Then the lamp is lit

  @LMP-03
  Scenario: It is declined
    Given a lamp that listens
    And a lamp of blue glass
    Then the lamp is lit

  @LMP-04
  Scenario: A step is not known
    Given a lamp that listens
    Then nobody knows this step
"""


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    project = Scratch(tmp_path_factory.mktemp("verdict"))
    project.add("steps/lamp_steps.py", STEPS).feature("listening", FEATURE)
    project.run()
    return project.reports / "evidence" / "lamp"


@pytest.mark.parametrize(("identity", "well"), [("LMP-01", True), ("LMP-02", False), ("LMP-03", True), ("LMP-04", False)])
def test_a_slice_is_told_when_the_steps_are_over(evidence, identity, well):
    told = {path.name: path.read_text() for path in (evidence / identity).iterdir() if "." not in path.name}
    assert told == {"at-first": "False", "audit": str(well), "clean-up": str(well)}


def test_what_was_told_last_holds():
    tell_steps(went_well=True)
    assert steps_went_well()
    tell_steps(went_well=False)
    assert not steps_went_well()
