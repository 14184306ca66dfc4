"""Things started ahead: each handed out once, to whoever wants one like it, and none left behind."""

from contextlib import ExitStack

import pytest

from support.kit.at_end import end_everything
from support.kit.coming import foretell, foretold
from support.kit.spares import MOST, Spares


class Store:
    """Counts what was started and ended."""

    def __init__(self, *limits):
        self.started, self.ended = [], []
        self.spares = Spares(*limits)

    def start(self, key, resources):
        thing = f"{key}{len(self.started)}"
        self.started.append(thing)
        resources.callback(self.ended.append, thing)
        return thing

    def prepare(self, *keys):
        self.spares.prepare(keys, self.start)

    def take(self, key, resources=None, usable=True):
        return self.spares.take(key, lambda _: usable, resources or ExitStack())


@pytest.fixture
def store():
    yield Store()
    end_everything()


def test_there_is_none_at_first(store):
    assert store.take("a") is None


def test_one_for_each_of_the_first_wishes(store):
    store.prepare("a", "b", "c", "d")
    assert MOST == 3
    assert store.started == ["a0", "b1", "c2"]


def test_what_is_heavier_is_started_by_and_by():
    store = Store(len, 6, 3)
    store.prepare("aa", "b", "cc", "d", "e")
    assert store.started == ["aa0", "b1"]
    store.prepare("aa", "b", "cc", "d", "e")
    assert store.started == ["aa0", "b1", "cc2", "d3"]
    store.prepare("aa", "b", "cc", "d", "e")
    assert store.started == ["aa0", "b1", "cc2", "d3"]
    store.prepare("ffffffffff")
    assert store.started[4:] == ["ffffffffff4"]
    assert sorted(store.ended) == ["aa0", "b1", "cc2", "d3"]
    end_everything()


def test_it_is_handed_out_once_and_ends_with_the_scenario(store):
    store.prepare("a")
    with ExitStack() as scenario:
        assert store.take("b", scenario) is None
        assert store.take("a", scenario) == "a0"
        assert store.take("a", scenario) is None
        assert store.ended == []
    assert store.ended == ["a0"]


def test_one_that_is_there_already_is_not_started_again(store):
    store.prepare("a", "b")
    store.take("a")
    store.prepare("b", "a")
    assert store.started == ["a0", "b1", "a2"]


def test_two_wishes_of_one_kind_get_two(store):
    store.prepare("a", "a")
    assert store.started == ["a0", "a1"]


def test_one_that_nobody_will_want_is_ended(store):
    store.prepare("a", "b")
    store.prepare("c", "b")
    assert store.ended == ["a0"]
    assert store.take("a") is None


def test_one_that_has_broken_meanwhile_is_ended_and_not_handed_out(store):
    store.prepare("a")
    assert store.take("a", usable=False) is None
    assert store.ended == ["a0"]


def test_a_start_that_fails_leaves_nothing(store):
    def fail(key, resources):
        store.start(key, resources)
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        store.spares.prepare(["a"], fail)
    assert store.ended == ["a0"]
    assert store.take("a") is None


def test_those_that_nobody_took_go_with_the_run(store):
    store.prepare("a", "b")
    end_everything()
    assert sorted(store.ended) == ["a0", "b1"]


def test_what_comes_is_what_was_told_last():
    foretell(["a lamp"])
    foretell(["a gateway", "a client"])
    assert foretold() == ("a gateway", "a client")
    foretell([])
    assert foretold() == ()
