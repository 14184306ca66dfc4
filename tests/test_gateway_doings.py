"""What clients and others do beyond a single call, with gateways that let them and gateways that do not."""

import base64

import pytest
from gateway_parts import TOKEN, broken, failure, instead, meeting, reference, result, world_of

from support.gateway import doings
from support.gateway.checks import require_outputs
from support.gateway.openings import OPENINGS
from support.gateway.running import LOG
from support.gateway.talk import let_in
from support.kit.errors import DeclinedError


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        yield made


@pytest.fixture
def ours(tmp_path):
    with world_of(reference(), tmp_path) as made:
        yield made


# --- coming and going


def test_a_newcomer_is_greeted_or_not(world, tmp_path):
    assert doings.greet(world, session="night").session == "night"
    assert world.client.name == doings.NEWCOMER
    with meeting(tmp_path, instead("hello", (1008, "no"))) as other:
        assert doings.greet(other).session is None


def test_our_own_gateway_closes_on_every_wrong_opening(ours):
    ours.start()
    doings.open_in_every_way(ours)
    assert len(ours.opened) == len(OPENINGS)
    assert [client.closing.code for client in ours.opened].count(1000) == 1
    doings.come_with_wrong_tokens(ours, 2)
    doings.come_with_no_hello(ours, 2)
    doings.come_and_go(ours, 2)
    with broken("is closed\nseen      still connected"):
        doings.require_closed(doings.open_with(ours, "a proper hello"), 4003, within=0.05)


def test_a_gateway_that_takes_a_wrong_token_is_told(tmp_path):
    with meeting(tmp_path, instead("hello", {"op": "hello_ack", "ok": True, "session_id": "abc"}, (1000, ""))) as world:
        with broken("with code 4003\nseen .*1000"):
            doings.come_with_wrong_tokens(world, 1)
        with broken("with code 1008\nseen .*1000|still connected"):
            doings.require_closed(doings.greet(world), 1008)


def test_a_gateway_that_closes_otherwise_is_told(tmp_path):
    with meeting(tmp_path, greeting=[(4003, "no")]) as world:
        with broken("with code 4000\nseen .*4003"):
            doings.come_with_no_hello(world, 1)
        with broken("with code 1008\nseen .*4003"):
            doings.turned_away(world, 1)


def test_who_is_turned_away(tmp_path):
    with meeting(tmp_path, greeting=[(1008, "too many")]) as world:
        doings.turned_away(world, 2)
        assert len(doings.connect_many(world, 2)) == 2


def test_the_one_who_spoke_last_comes_back(world):
    let_in(world, "Ada", session="night")
    world.client.say_goodbye()
    assert doings.come_back(world).session == "night"


# --- using tools


def test_tools_are_used(world):
    client = let_in(world, "Ada")
    doings.use_fast(world, client)
    doings.use_slow(world, client, 0.02)
    assert [call.answer.ok for call in client.calls] == [True] * 3
    assert world.under_way == []
    assert len(doings.begin_fast(world, [client, client])) == 2
    doings.send_pings(world, "Ada", 3)
    doings.send_bad_frames(world, 2, 2)
    assert [call.answer.op for call in world.calls] == ["error", "error", "pong", "pong"]


def test_tools_that_do_not_go_well_are_told(tmp_path):
    with meeting(tmp_path, instead("call_tool", failure("TIMEOUT"))) as world:
        client = let_in(world, "Ada")
        for use in (lambda: doings.use_fast(world, client), lambda: doings.use_slow(world, client, 0.02)):
            with broken("the call goes well"):
                use()


def test_texts_are_given_back(world):
    let_in(world, "Ada")
    doings.give_back(world, "ñ")
    require_outputs(world, world.calls, 1)
    doings.give_back_in_turn(world, ["a sentence", "no text at all", "300 letters"])
    require_outputs(world, world.calls, 3)
    doings.give_back_in_frame(world, 1024)
    require_outputs(world, world.calls, 1)
    assert len(world.call.text.encode()) == 1024


def test_a_frame_that_ends_the_connection(tmp_path):
    with meeting(tmp_path, instead("call_tool", (1009, "too big"))) as world:
        let_in(world, "Ada")
        doings.give_back_in_frame(world, 1024)
        doings.require_closed(world.client, 1009)


def test_a_text_that_is_spoilt_is_told(tmp_path):
    with meeting(tmp_path, instead("call_tool", result("n"))) as world:
        let_in(world, "Ada")
        doings.give_back(world, "ñ")
        with broken("1 of 1 texts"):
            require_outputs(world, world.calls, 1)


def test_tools_are_named_as_the_figures_name_them(world):
    assert doings.label(world, "the slow tool") == "sleep"
    assert doings.label(world, "the provider's tool") == "lookup"
    assert doings.label(world, "no tool") == "unknown"
    with pytest.raises(ValueError, match="'the best tool'"):
        doings.label(world, "the best tool")
    assert doings.tools_in_use(world) >= {"status", "sleep", "fail", "echo"}


# --- tokens


def test_a_short_token_is_refused(ours):
    doings.start_with_token_of(ours, 15)
    doings.require_start_refused(ours, 5.0)
    doings.start_with_token_of(ours, 0)
    doings.require_start_refused(ours, 5.0)


@pytest.mark.parametrize("code", [0, None])
def test_a_start_that_is_not_refused_is_told(ours, code):
    ours.exit_code = code
    with broken(f"reports a failure\nseen      exit code {code}"):
        doings.require_start_refused(ours, 5.0)


def test_a_gateway_elsewhere_is_not_started(world):
    with pytest.raises(DeclinedError):
        doings.start_with_token_of(world, 15)


@pytest.mark.parametrize(
    "text",
    ["", "a client has come", f"token {TOKEN[:-1]}", TOKEN[1:], TOKEN.upper()[:-1]],
)
def test_a_log_without_the_token_passes(world, text):
    world.evidence.log_path(LOG).write_text(text)
    doings.require_no_token_in_log(world)


@pytest.mark.parametrize(
    "form",
    [TOKEN, f'{{"token": "{TOKEN}"}}', TOKEN.encode().hex(), base64.b64encode(TOKEN.encode()).decode(),
     base64.b64encode(f"user:{TOKEN}".encode()).decode(), TOKEN.replace("-", "\\u002d"), TOKEN.replace("-", "%2D")],
)  # fmt: skip
def test_a_token_in_the_log_is_told_and_not_shown(world, form):
    world.evidence.log_path(LOG).write_text(f"1 line\nrefused {form} of Ada\n")
    with broken(r"nowhere in the gateway's log\nseen      there: 1 line\nrefused ") as caught:
        doings.require_no_token_in_log(world)
    assert TOKEN not in str(caught.value)
