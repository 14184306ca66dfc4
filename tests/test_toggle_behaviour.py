"""Phrases of the feature files and what they make a bulb do."""

import pytest

from support.toggle.behaviour import Act, Behaviour, Script, parse_behaviour, parse_script


@pytest.mark.parametrize("act", Act)
def test_every_act_is_a_phrase(act):
    assert parse_behaviour(act.value) == Behaviour(act)


@pytest.mark.parametrize(
    ("phrase", "behaviour"),
    [
        ("answers after 0.3 s", Behaviour(delay=0.3)),
        ("answers 0.2 s before the hub's time limit", Behaviour(beyond_limit=-0.2)),
        ("answers 0.2 s after the hub's time limit", Behaviour(beyond_limit=0.2)),
        ('answers "NAK"', Behaviour(reply=b"NAK")),
        ("answers 1 zero byte", Behaviour(reply=b"\0")),
        ("answers one byte at a time", Behaviour(bytewise=True)),
        ("reads one byte at a time and answers", Behaviour(reads_bytewise=True)),
    ],
)
def test_phrases(phrase, behaviour):
    assert parse_behaviour(phrase) == behaviour


def test_a_long_answer_has_its_length_and_starts_like_an_acknowledgement():
    reply = parse_behaviour("answers 100,000 bytes").reply
    assert len(reply) == 100_000
    assert reply.startswith(b"ACK")


def test_an_unknown_phrase_is_named():
    with pytest.raises(ValueError, match="sings"):
        parse_behaviour("sings")


def test_a_script_of_two_parts_meets_attempts_by_number():
    script = parse_script("stays silent the first 2 times and then answers")
    assert [script.for_attempt(number).act for number in (1, 2, 3, 4)] == [Act.SILENT, Act.SILENT, Act.ANSWER, Act.ANSWER]
    assert parse_script("hangs up after the frame the first time and then answers after 0.5 s") == Script(
        then=Behaviour(delay=0.5), first=Behaviour(Act.HANG_UP_AFTER), times=1
    )


def test_delays_around_the_limit_are_worked_out():
    script = parse_script("answers 0.3 s after the hub's time limit").for_limit(0.8)
    assert script.then.delay == pytest.approx(1.1)
    assert script.then.beyond_limit is None


def test_only_answers_at_once_are_a_happy_path():
    assert parse_script("answers").plain
    assert not parse_script("answers after 0.1 s").plain
    assert not parse_script("stays silent the first time and then answers").plain
    assert not parse_script('answers "NAK"').plain
