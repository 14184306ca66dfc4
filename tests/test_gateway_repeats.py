"""The reference gateway's stored answers, with a clock that stands still unless told."""

import json

import pytest

from support.gateway.reference import repeats as module
from support.gateway.reference.repeats import OVERHEAD, Repeats
from support.gateway.reference.session import Session
from support.gateway.reference.settings import Settings

ONE, TWO = Session("one"), Session("two")
FRAME = b'{"op":"call_tool_res","ok":true}'


class Store(Repeats):
    """Repeats with a clock of their own."""

    def __init__(self, ttl: float = 300) -> None:
        self.now = 50.0
        super().__init__(Settings(repeat_ttl=ttl), lambda: self.now)

    def has(self, session: Session, request_id: str) -> bool:
        return self.stored(self.key(session, request_id)) is not None

    def put(self, session: Session, request_id: str, frame: bytes = FRAME) -> None:
        self.store(self.key(session, request_id), frame)


def test_a_stored_answer_comes_back_and_says_so():
    store = Store()
    store.put(ONE, "r")
    stored = store.stored(store.key(ONE, "r"))
    assert stored is not None
    assert json.loads(stored) == {**json.loads(FRAME), "from_cache": True}


def test_it_belongs_to_its_session_and_its_request_id():
    store = Store()
    store.put(ONE, "r")
    assert not store.has(TWO, "r")
    assert not store.has(ONE, "R")
    assert store.has(Session("one"), "r"), "the name tells sessions, not the object"


def test_it_expires_when_its_time_is_over_and_not_before():
    store = Store(ttl=300)
    store.put(ONE, "r")
    store.now += 299.9
    assert store.has(ONE, "r")
    store.now += 0.1
    assert not store.has(ONE, "r")
    assert (len(store), store.bytes) == (0, 0)


def test_reading_it_does_not_make_it_live_longer():
    store = Store(ttl=10)
    store.put(ONE, "r")
    store.now += 9
    assert store.has(ONE, "r")
    store.now += 1
    assert not store.has(ONE, "r")


def test_the_first_answer_stands():
    store = Store()
    store.put(ONE, "r", b'{"n":1}')
    store.put(ONE, "r", b'{"n":2}')
    assert store.stored(store.key(ONE, "r")) == b'{"n":1,"from_cache":true}'
    assert len(store) == 1


def test_a_new_answer_may_take_the_place_of_an_expired_one():
    store = Store(ttl=10)
    store.put(ONE, "r", b'{"n":1}')
    store.now += 10
    assert not store.has(ONE, "r")
    store.put(ONE, "r", b'{"n":2}')
    store.now += 9
    assert store.stored(store.key(ONE, "r")) == b'{"n":2,"from_cache":true}'


def test_the_oldest_go_first_when_there_are_too_many_bytes(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 4 * (len(FRAME) + OVERHEAD))
    store = Store()
    for number in range(10):
        store.put(ONE, str(number))
    assert [number for number in range(10) if store.has(ONE, str(number))] == [6, 7, 8, 9]
    assert store.bytes <= module.MOST_BYTES


def test_an_answer_that_is_too_large_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    store = Store()
    store.put(ONE, "large", b"x" * 2000)
    assert (len(store), store.bytes) == (0, 0)


@pytest.mark.parametrize("ttl", [0, 0.001])
def test_with_no_time_to_live_nothing_is_kept(ttl):
    store = Store(ttl)
    store.put(ONE, "r")
    store.now += ttl
    assert not store.has(ONE, "r")
