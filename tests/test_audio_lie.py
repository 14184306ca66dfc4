"""How a lie is laid over the reference: wherever the honest part is kept, the other one is."""

import sys
from types import ModuleType

import pytest

from support.audio import lie
from support.audio.lie import LIARS, REFERENCE, lies, places

MODULE = f"{REFERENCE}.of_this_test"


class Honest:
    """Made by the module of the test."""


class Other:
    """Stays as it is."""


class Lying(Honest):
    """Takes its place."""


def honest_function():
    return "honest"


@pytest.fixture
def module(monkeypatch):
    made = ModuleType(MODULE)
    holder = type("Holder", (), {"part_class": Honest, "speak": staticmethod(honest_function), "other": Other})
    holder.__module__ = MODULE
    made.__dict__.update(
        Honest=Honest, function=honest_function, Holder=holder, table={"one": Honest, "two": Other}, row=(Other, Honest),
        parts=[Honest, Other], number=3,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, MODULE, made)
    return made


def put(honest, part):
    for place in list(places(honest)):
        place(part)


def test_a_class_is_replaced_wherever_it_is_kept(module):
    put(Honest, Lying)
    assert module.Honest is Lying
    assert module.Holder.part_class is Lying
    assert module.table == {"one": Lying, "two": Other}
    assert module.row == (Other, Lying)
    assert module.parts == [Lying, Other]
    assert not list(places(Honest))


def test_a_function_is_replaced_and_stays_static(module):
    put(honest_function, lambda: "lying")
    assert (module.function(), module.Holder.speak(), module.Holder().speak()) == ("lying",) * 3


def test_other_modules_stay_as_they_are(module):
    put(Honest, Lying)
    assert sys.modules[__name__].Honest is Honest


def test_a_liar_is_entered_under_its_own_name(monkeypatch):
    monkeypatch.setattr(lie, "LIARS", {})
    monkeypatch.setattr(Honest, "__module__", f"{REFERENCE}.of_this_test")

    @lies("It looks away.")
    class LooksAway(Honest):
        pass

    @lies("It says nothing.", over=honest_function)
    def says_nothing():
        return ""

    assert [(one.name, one.honest, one.part) for one in lie.LIARS.values()] == [
        ("looks_away", Honest, LooksAway), ("says_nothing", honest_function, says_nothing),
    ]  # fmt: skip
    with pytest.raises(AssertionError, match="two liars"):
        lies("It says nothing.", over=honest_function)(says_nothing)


def test_the_liars_are_told_apart():
    from support.audio import liars

    assert liars.LIARS is LIARS
    assert all(liar.breaks.endswith(".") and liar.honest is not liar.part for liar in LIARS.values())
