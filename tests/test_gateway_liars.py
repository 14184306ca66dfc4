"""The liars lie, each in its own way and in one place. Which scenario finds which liar is told by tests/test_red.py."""

import asyncio
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path

import pytest
from gateway_program import ROOT, TOKEN, client, environment, error_of, text_of
from websockets.exceptions import ConnectionClosed

from support.gateway.liars import LIARS, Liar
from support.gateway.protocol import Breaker as State
from support.gateway.protocol import Code
from support.gateway.reference.answers import CallOk, Pong
from support.gateway.reference.breaker import BreakerLimits, Ticket
from support.gateway.reference.cli import Program
from support.gateway.reference.gateway import Gateway, Parts
from support.gateway.reference.providers import ProviderError, Providers
from support.gateway.reference.rate import RateLimits
from support.gateway.reference.service import Service
from support.gateway.reference.settings import Rate, Settings

EACH = pytest.mark.parametrize("liar", LIARS.values(), ids=lambda liar: liar.name)


def honest(part: type) -> type:
    """What stands in the reference where the liar stands."""
    return next(base for base in part.__mro__ if base.__module__.startswith("support.gateway.reference."))


# --- all of them


@EACH
def test_a_liar_says_in_one_sentence_what_it_breaks(liar: Liar):
    assert LIARS[liar.name] is liar
    assert re.fullmatch("[a-z0-9_]+", liar.name)
    assert re.fullmatch(r"It [^.]+\.", liar.breaks)


@EACH
def test_a_liar_keeps_the_signatures_of_what_it_overrides(liar: Liar):
    lying = [cls for cls in liar.part.__mro__ if cls.__module__ == "support.gateway.liars"]
    base, overridden = honest(liar.part), 0
    for cls in lying:
        for name, method in vars(cls).items():
            if inspect.isfunction(method) and hasattr(base, name):
                overridden += 1
                of_liar, of_base = inspect.signature(method), inspect.signature(getattr(base, name))
                assert list(of_liar.parameters) == list(of_base.parameters), name
                assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(getattr(base, name)), name
    assert overridden or liar.name == "shutdown_closes_1000"  # which changes a number


def places(program: Program) -> set[type]:
    """Where the program is not the reference."""

    async def look() -> set[type]:
        gateway = program.make_gateway(Settings(), TOKEN)
        service = program.make_service(gateway)
        pairs: list[tuple[type, type]] = [(type(program), Program)] if not hasattr(program, "part") else []
        pairs += [(getattr(gateway.parts, place.name), getattr(Parts(), place.name)) for place in fields(Parts)]
        pairs += [(getattr(gateway.providers, name), getattr(Providers, name)) for name in ("provider_class", "breaker_class")]
        pairs += [(gateway.rates.bucket_class, RateLimits.bucket_class), (gateway.toolbox_class, Gateway.toolbox_class)]
        pairs += [(service.link_class, Service.link_class), (service.closing_class, Service.closing_class)]
        pairs += [(type(gateway), Gateway), (type(service), Service)]
        return {liar for liar, reference in pairs if liar.__module__ == "support.gateway.liars" and liar is not reference}

    return asyncio.run(look())


@EACH
def test_a_liar_stands_in_one_place_and_everything_else_is_the_reference(liar: Liar):
    found = places(liar.program())
    assert liar.part in found
    assert {place.__name__ for place in found} == {liar.part.__name__}, "what holds the liar has its name"


def test_the_reference_knows_nothing_of_its_liars():
    assert places(Program()) == set()
    for module in (Path(ROOT) / "support" / "gateway" / "reference").rglob("*.py"):
        assert "liar" not in module.read_text(encoding="utf-8")


# --- parts, by themselves


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def entries(part: type, addresses: int = 1, **limits: int) -> int:
    """How many get in before one is turned away."""
    admission = part(Settings(**limits))
    return next(count for count in range(99) if admission.enter(f"address {count % addresses}"))


def failures_until_open(part: type) -> int:
    breaker = part(BreakerLimits(), Clock())
    while breaker.state is State.CLOSED:
        breaker.admit().failure()
    return breaker.failures


def half_open(part: type, waits: float = 60.0):
    """A breaker whose recovery time is over, and its first probe."""
    clock = Clock()
    breaker = part(BreakerLimits(), clock)
    for _ in range(5):
        breaker.admit().failure()
    clock.now += waits
    return breaker, breaker.admit(), clock


def successes_until_closed(part: type) -> int:
    breaker, probe, _ = half_open(part)
    for count in range(1, 9):
        probe.success()
        if breaker.state is State.CLOSED:
            return count
        probe = breaker.admit()
    return 9


def reopened_for(part: type) -> float:
    """Seconds for which a failed probe opens the breaker again."""
    breaker, probe, _ = half_open(part)
    probe.failure()
    return breaker.retry_after()


def passes(part: type, after: float = 0.0) -> int:
    """Of a bucket of 4 that gets 2 a second: how many pass at first, or `after` so many seconds once it is used up."""
    bucket = part(Rate(4, 2.0), 0.0)

    def burst() -> int:
        count = 0
        while not bucket.wait() and count < 99:
            bucket.take()
            count += 1
        return count

    first = burst()
    if after:
        bucket.refill(after)
    return burst() if after else first


def reads(line: bytes) -> Callable[[type], bool]:
    """Whether a provider's line is taken for a value."""

    def lies(part: type) -> bool:
        try:
            return bool(part.read(None, line))
        except ProviderError:
            return False

    return lies


def told(part: type, answer: object) -> dict[str, object]:
    return json.loads(part().encode(answer))


def counted(part: type, *done: tuple[str, ...]) -> str:
    """The figures after all of this; the first of each is a method."""
    metrics = part()
    for name, *arguments in done:
        getattr(metrics, name)(*arguments)
    return metrics.text().decode()


def keeps(part: type, seconds: float) -> bool:
    """Whether an answer that is to be kept for 300 s is there after so many."""
    clock = Clock()
    repeats = part(Settings(), clock)
    repeats.store(("s", "r"), b"{}")
    clock.now += seconds
    return repeats.stored(("s", "r")) is not None


HELLO = {"op": "hello", "token": TOKEN, "session_id": "abc"}
OK = CallOk("r" * 100, (), 1000.0)
LIES: dict[str, Callable[[type], bool]] = {
    "any_token": lambda part: part(TOKEN).knows("x"),
    "token_prefix_accepted": lambda part: part(TOKEN).knows(TOKEN[:-1]) and part(TOKEN).knows(f"{TOKEN}x"),
    "token_case_ignored": lambda part: part(TOKEN).knows(TOKEN.swapcase()),
    "refusal_closed_as_1000": lambda part: part(TOKEN).close_code("unauthorized") == 1000,
    "invalid_hello_as_4001": lambda part: part(TOKEN).close_code("invalid_hello") == 4001,
    "missing_hello_as_4000": lambda part: part(TOKEN).close_code("missing_hello") == 4000,
    "other_dialect_gets_in": lambda part: part(TOKEN).judge(json.dumps({"token": TOKEN})).error is None,
    "bad_session_id_accepted": lambda part: part(TOKEN).good_name("a.b") and part(TOKEN).good_name("ab"),
    "session_name_ignored": lambda part: part(TOKEN).judge(json.dumps(HELLO)).session_id is None,
    "same_session_for_all": lambda part: len({part(Settings(), Clock()).new_name() for _ in range(3)}) == 1,
    "wrong_token_bars_everybody": lambda part: (door := part(TOKEN)) and not door.knows("x") and not door.knows(TOKEN),
    "every_thirtieth_refused": lambda part: (door := part(TOKEN)) and [door.knows(TOKEN) for _ in range(60)].count(False) == 2,
    "address_limit_off_by_one": lambda part: entries(part, max_connections_per_address=3) == 4,
    "total_limit_off_by_one": lambda part: entries(part, max_connections=3) == 4,
    "limit_of_address_for_all": lambda part: entries(part, 2, max_connections_per_address=3) == 3,
    "request_id_missing": lambda part: "request_id" not in told(part, OK),
    "request_id_shortened": lambda part: len(told(part, OK)["request_id"]) == 64,
    "wrong_op": lambda part: told(part, Pong("r"))["op"] == "ping_res",
    "ok_false_to_everything": lambda part: told(part, OK)["ok"] is False,
    "latency_in_seconds": lambda part: told(part, OK)["latency_ms"] == 1.0,
    "echo_trims": lambda part: part().answer({"text": " x "}) == "x",
    "echo_without_other_alphabets": lambda part: part().answer({"text": "ü日"}) == "ü?",
    "echo_cut": lambda part: len(part().answer({"text": "x" * 70_000})) == 65_536,
    "progress_backwards": lambda part: list(part().numbers(3)) == [3, 2, 1],
    "unknown_tools_by_name": lambda part: part(()).label("nobody's") == "nobody's",
    "stored_forever": lambda part: keeps(part, 301),
    "stored_too_briefly": lambda part: not keeps(part, 200),
    "repeat_runs_again": lambda part: not keeps(part, 0),
    "breaker_opens_one_late": lambda part: failures_until_open(part) == 6,
    "breaker_opens_one_early": lambda part: failures_until_open(part) == 4,
    "never_half_opens": lambda part: not isinstance(half_open(part)[1], Ticket),
    "recovers_too_early": lambda part: isinstance(half_open(part, 31.0)[1], Ticket),
    "admits_all_in_half_open": lambda part: (
        (breaker := half_open(part)[0]) and all(isinstance(breaker.admit(), Ticket) for _ in range(9))
    ),
    "closes_after_one_success": lambda part: successes_until_closed(part) == 1,
    "closes_one_success_late": lambda part: successes_until_closed(part) == 3,
    "reopen_keeps_old_timer": lambda part: reopened_for(part) == 0,
    "rate_one_more": lambda part: passes(part) == 5,
    "rate_never_refills": lambda part: passes(part, 1.0) == 0,
    "rate_refills_double": lambda part: passes(part, 1.0) == 4,
    "rate_saves_up": lambda part: passes(part, 9.0) == 18,
    "garbage_is_an_answer": reads(b"garbage\n"),
    "counter_counts_twice": lambda part: 'sent_total{op="pong"} 2.0' in counted(part, ("sent", "pong")),
    "invalid_not_counted": lambda part: 'received_total{op="invalid"} 1.0' not in counted(part, ("received", "invalid")),
    "progress_not_counted": lambda part: 'sent_total{op="progress"} 1.0' not in counted(part, ("sent", "progress")),
    "gauge_never_falls": lambda part: "active 1.0" in counted(part, ("slot_taken",), ("slot_freed",)),
    "two_states_at_once": lambda part: len(re.findall(r"state\{.* 1\.0", counted(part, ("breaker_known", "a")))) == 2,
    "type_told_twice": lambda part: counted(part).count("# TYPE gateway_connections_active gauge") == 2,
    "latency_in_milliseconds": lambda part: 'seconds_sum{tool="t"} 1000.0' in counted(part, ("observe", "t", 1.0)),
    "buckets_not_cumulative": lambda part: 'le="+Inf",tool="t"} 0.0' in counted(part, ("observe", "t", 1.0)),
}


@pytest.mark.parametrize("name", LIES)
def test_a_liar_lies_as_it_says_and_the_reference_does_not(name):
    part = LIARS[name].part
    assert LIES[name](part)
    assert not LIES[name](honest(part))


# --- whole gateways


@asynccontextmanager
async def serving(program: Program, **settings: object):
    """The gateway on this loop; its address."""
    free = Settings(port=0, metrics_port=None, rate_session=None, rate_address=None, rate_global=None)
    service = program.make_service(program.make_gateway(replace(free, **settings), TOKEN))
    server = await service.listen()
    try:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def _answered_twice(url: str) -> bool:
    async with client(url) as it:
        await it.call("r", "status")
        return not await it.silent()


async def _stored_for_others(url: str) -> bool:
    async with client(url) as one, client(url) as two:
        texts = [text_of(await it.call("r", "echo", text=text)) for it, text in ((one, "a"), (two, "b"))]
        return texts == ["a", "a"]


async def _swapped(url: str) -> bool:
    async with client(url) as one, client(url) as two:
        return [text_of(await it.call("r", "echo", text=it.session_id)) for it in (one, two)] == [one.session_id] * 2


async def _blocks(url: str) -> bool:
    async with client(url) as it:
        await it.begin("slow", "sleep", ms=200)
        return (await it.ask(op="ping", request_id="r"))["op"] == "call_tool_res"


async def _cancels_for_others(url: str) -> bool:
    async with client(url) as one, client(url) as two:
        await one.begin("slow", "sleep", ms=200)
        await asyncio.sleep(0.05)
        declined = not (await two.ask(op="cancel", request_id="c", target="slow"))["ok"]
        return not declined and error_of(await one.next()) == Code.CANCELLED


async def _takes_longer_frames(url: str) -> bool:
    async with client(url) as it:
        await it.send(op="ping", request_id="r", note="")
        size = len(json.dumps({"op": "ping", "request_id": "r", "note": ""}))
        await it.send(op="ping", request_id="r", note="x" * (1001 - size))
        try:
            return [(await it.next())["op"] for _ in range(2)] == ["pong", "pong"]
        except ConnectionClosed:
            return False


WHOLE = {
    "answer_twice": _answered_twice,
    "stored_across_sessions": _stored_for_others,
    "answers_swapped": _swapped,
    "one_slow_call_blocks_the_connection": _blocks,
    "cancel_of_others": _cancels_for_others,
    "frame_limit_off_by_one": _takes_longer_frames,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_lying_gateway_lies_and_the_reference_does_not(name):
    async def lies(program: Program) -> bool:
        async with serving(program, max_frame=1000) as url:
            return await WHOLE[name](url)

    assert asyncio.run(lies(LIARS[name].program()))
    assert not asyncio.run(lies(Program()))


# --- as programs


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = (sys.executable, "-m", "support.gateway.liars")
    return subprocess.run(
        [*program, *arguments], capture_output=True, text=True, timeout=30, cwd=ROOT, env=environment("x" * 15), check=False
    )


def test_the_list_and_a_name_that_is_none():
    listed, unknown, nothing = run("--list"), run("nobody"), run()
    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(LIARS)
    for done in (unknown, nothing):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_liar_takes_the_arguments_of_the_reference():
    honest_in_this = run("any_token", "--port=0", "--metrics-port=none")
    assert (honest_in_this.returncode, "fewer than 16" in honest_in_this.stderr) == (2, True)
    assert "70000" in run("short_token_accepted", "--port=70000").stderr
