"""A gateway that is told nonsense, seeded: 100,000 frames after hello, 10,000 before. No crash, no hang, nobody disturbed.

Hypothesis makes the frames that are spoilt; each is then spoilt in many ways by a generator with a seed of its own, since a
hundred thousand examples of hypothesis would take minutes.
"""

import asyncio
import json
import random

import pytest
from gateway_program import FREE, TOKEN, Client, client, gateway, stranger
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

AFTER, BEFORE = 100_000, 10_000
SPOILT_OF_ONE = 250
AT_ONCE = 16
SEED = 22
WAIT = 30.0
ANSWERS = {"error", "pong", "list_tools_res", "call_tool_res", "cancel_res", "health_res"}
REFUSED = {4000, 4001, 4003}
LETTERS = '{}[]",:\\ \t\n0123456789-+.eEtruefalsnNI\x00\x7féß中\U0001f600op_hello'

texts = st.text(max_size=20)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
tools = st.sampled_from(["status", "echo", "fail", "progress", "lookup", "Status", ""])
arguments = st.fixed_dictionaries(
    {}, optional={"text": values, "message": texts, "steps": st.integers(1, 2), "ms": st.just(0), "key": texts, "provider": texts}
)
ids = st.sampled_from(["a", "b", "c"]) | st.text(max_size=130)
requests = st.one_of(
    st.fixed_dictionaries({"op": st.just("call_tool"), "request_id": ids, "name": tools, "arguments": arguments}),
    st.fixed_dictionaries({"op": st.sampled_from(["ping", "list_tools", "health", "hello", "sing"]), "request_id": ids}),
    st.fixed_dictionaries({"op": st.just("cancel"), "request_id": ids, "target": ids}),
    st.dictionaries(st.sampled_from(["op", "request_id", "name", "arguments", "target", "x"]), values, max_size=6),
    values,
)
openings = st.one_of(
    st.fixed_dictionaries({"op": st.just("hello"), "token": texts | st.just(TOKEN[:-1])}, optional={"session_id": values}),
    st.fixed_dictionaries({"op": texts, "token": st.just(TOKEN)}),
    requests,
)


def spoilt(rng: random.Random, text: str) -> str | bytes:
    """The text as it is, cut, with characters put in, taken out or doubled, or as a binary frame."""
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(text) + 1)
        match rng.randrange(4):
            case 0:
                text = text[:place]
            case 1:
                text = text[:place] + "".join(rng.choices(LETTERS, k=rng.randrange(1, 4))) + text[place:]
            case 2:
                text = text[:place] + text[place + rng.randrange(1, 5) :]
            case _:
                text = text[:place] + text[max(0, place - 8) :]
    return text.encode() if rng.random() < 0.05 else text


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    flags = (*FREE, "--max-connections-per-address=100", "--provider=a=127.0.0.1:1", "--max-inflight=1000")
    with gateway(tmp_path_factory.mktemp("gateway"), *flags, "--max-inflight-session=1000") as found:
        yield found


async def answered(one: Client, count: int) -> None:
    """So many requests were answered, each once; progress is no answer."""
    while count:
        count -= (await one.next())["op"] in ANSWERS


async def tell(url: str, frames: list[str | bytes]) -> None:
    """All of them on one connection, and another client's calls beside them."""
    async with client(url) as mad, client(url) as neighbour, asyncio.timeout(WAIT):
        reading = asyncio.create_task(answered(mad, len(frames)))
        for number, frame in enumerate(frames):
            await mad.socket.send(frame)
            if number % 50 == 0:
                answer = await neighbour.call(str(number), "echo", text=f"undisturbed {number}")
                assert answer["outputs"][0]["text"] == f"undisturbed {number}"
        await reading
        assert await mad.ask(op="ping", request_id="last") == {"op": "pong", "request_id": "last"}
        figures = (await neighbour.ask(op="health", request_id="h"))["session"]
        told = (len(frames) + 49) // 50
        assert (figures["messages_received"], figures["messages_sent"]) == (told + 2, told + 1)


async def open_with(url: str, frames: list[str | bytes]) -> None:
    """Each on a connection of its own: refused with a word and a code; whoever is in already notices nothing."""
    places = asyncio.Semaphore(AT_ONCE)

    async def come(frame: str | bytes) -> None:
        async with places, stranger(url) as one:
            answer = await one.raw(frame)
            assert (answer["op"], answer["ok"]) == ("hello_ack", False), frame
            assert (await one.closed())[0] in REFUSED, frame

    async with client(url) as neighbour, asyncio.timeout(WAIT), asyncio.TaskGroup() as group:
        for frame in frames:
            group.create_task(come(frame))
        assert (await neighbour.ask(op="ping", request_id="n"))["op"] == "pong"


def bounded(frames: int):
    return settings(
        max_examples=frames // SPOILT_OF_ONE, deadline=None, database=None, phases=settings().phases,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


def many_of(rng: random.Random, request: object) -> list[str | bytes]:
    text = json.dumps(request, ensure_ascii=rng.random() < 0.5)
    return [spoilt(rng, text) for _ in range(SPOILT_OF_ONE)]


def require_well(running) -> None:
    assert running.process.poll() is None
    code, body = running.http("/health")
    assert code == 200
    assert json.loads(body)
    assert "Traceback" not in running.log.read_text()


def test_nonsense_after_hello_is_answered_frame_by_frame(running):
    told = 0

    @seed(SEED)
    @bounded(AFTER)
    @given(requests, st.integers(0, 2**32))
    def tell_many(request, number):
        nonlocal told
        frames = many_of(random.Random(number), request)
        asyncio.run(tell(running.url, frames))
        told += len(frames)

    tell_many()
    assert told >= AFTER
    require_well(running)


def test_nonsense_before_hello_gets_nobody_in(running):
    told = 0

    @seed(SEED)
    @bounded(BEFORE)
    @given(openings, st.integers(0, 2**32))
    def open_with_many(opening, number):
        nonlocal told
        frames = many_of(random.Random(number), opening)
        asyncio.run(open_with(running.url, frames))
        told += len(frames)

    open_with_many()
    assert told >= BEFORE
    require_well(running)
