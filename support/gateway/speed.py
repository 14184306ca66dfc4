"""How fast the gateway is, beside a bare echo in the same run, and how much memory it takes.

Bounds that depend on the machine, or on the language that a gateway is written in, warn; that every call is answered is never
soft. The reference is held to them by `tests/test_gateway_memory.py` and by its liars.
"""

import statistics
import time
from collections.abc import Callable

import psutil

from support.gateway.load import Answered, Load, run_load
from support.gateway.talk import go, say_hello
from support.gateway.world import GatewayWorld
from support.kit import echo
from support.kit.errors import DeclinedError, PromiseBrokenError

ROUNDS = 4
"""The echo and the gateway take turns so often: noise of the machine meets both."""
SESSION = "many-calls"
PATIENCE = 40.0
"""Seconds after which a gateway makes no more calls of a long series: a step must not take a minute."""
LOAD_LIMIT = 55.0
"""Seconds for one load."""


def start_echo(world: GatewayWorld) -> None:
    """A bare echo beside the gateway, in a process of its own."""
    world.echo_url = echo.start_echo(world.evidence.log_path("echo.log"), world.resources, world.settings.patience)


def come_and_go_timed(world: GatewayWorld, count: int) -> None:
    """So many clients, one after the other; how long each took to be let in is kept."""
    for _ in range(count):
        client = world.new_client()
        began = time.monotonic()
        client.open(world.gateway.url)
        say_hello(world, client)
        world.timings.append(time.monotonic() - began)
        go(world, client, "says goodbye")


def require_half_took(world: GatewayWorld, ms: float) -> None:
    """Half of the clients were let in in less than `ms` milliseconds; where not, the run is warned."""
    median = statistics.median(world.timings) * 1000
    world.evidence.number("connection and hello, median", median, "ms")
    if median >= ms:
        world.fall_short(f"half of the clients are let in in less than {ms:g} ms", f"median {median:.2f} ms")


def compare(world: GatewayWorld, seconds: float, *, window: int = 1, clients: int = 1) -> None:
    """Calls of the fast tool to the gateway, and the same frames to the echo, in turns, `seconds` for each in all."""
    span = seconds / ROUNDS
    for number in range(ROUNDS):
        prefix = f"{number}."
        for url, token, op, rates in (
            (world.echo_url, None, "call_tool", world.echoed),
            (world.gateway.url, world.gateway.token, "call_tool_res", world.answered),
        ):
            load = Load(_frame(world), op, token, window=window, clients=clients, seconds=span, prefix=prefix)
            rates.append(world.loop.call(run_load(url, load), LOAD_LIMIT))
    world.evidence.number("gateway", rate(world.answered), "answered calls/s")
    world.evidence.number("bare echo", rate(world.echoed), "answered calls/s")
    world.evidence.number("gateway to bare echo", rate(world.answered) / rate(world.echoed), "times")


def call_many(world: GatewayWorld, count: int, window: int) -> None:
    """So many calls in all; the gateway's memory is read after each tenth. A gateway that is too slow for that makes fewer."""
    _require_own_process(world)
    share, began = count // 10, time.monotonic()
    for number in range(10):
        token, prefix = world.gateway.token, f"{number}."
        load = Load(_frame(world), "call_tool_res", token, window=window, count=share, prefix=prefix, session=SESSION)
        world.answered.append(world.loop.call(run_load(world.gateway.url, load), LOAD_LIMIT))
        world.memory.append(memory(world))
        if (time.monotonic() - began) * (number + 2) / (number + 1) > PATIENCE:
            break
    world.evidence.number("gateway", rate(world.answered), "answered calls/s")


def require_ratio(world: GatewayWorld, least: float) -> None:
    """The gateway answers at least so many times as many calls as the echo; where not, the run is warned."""
    ratio = rate(world.answered) / rate(world.echoed)
    if ratio < least:
        seen = f"{ratio:.2f} times, {rate(world.answered):,.0f} beside {rate(world.echoed):,.0f} calls/s"
        world.fall_short(f"the gateway answers at least {least:g} times as many calls as a bare echo", seen)


def require_rate(world: GatewayWorld, least: int) -> None:
    """So many answered calls a second; where not, the run is warned."""
    if rate(world.answered) < least:
        world.fall_short(f"the gateway answers at least {least:,} calls/s", f"{rate(world.answered):,.0f} calls/s")


def require_answered(world: GatewayWorld) -> None:
    """There were calls, and all were answered: a missing answer has raised before."""
    if sum(each.calls for each in world.answered) == 0:
        raise PromiseBrokenError("calls are answered", "none was")


def require_flat(world: GatewayWorld, percent: float, tenths: int = 10) -> None:
    """From the second tenth of the calls to the last the gateway's memory has grown by less than `percent`."""
    if len(world.memory) < tenths:
        done = sum(each.calls for each in world.answered)
        world.fall_short(
            f"the calls are answered within {PATIENCE:g} s", f"{done:,} of them: the memory was not watched to the end"
        )
        return
    second, last = world.memory[1], world.memory[-1]
    grown = (last - second) / second * 100
    world.evidence.number("memory after the second tenth", second / 1e6, "MB")
    world.evidence.number("memory after the last", last / 1e6, "MB")
    if grown >= percent:
        course = ", ".join(f"{each / 1e6:.1f}" for each in world.memory)
        world.fall_short(f"the gateway's memory grows by less than {percent:g} %", f"{grown:.1f} %: {course} MB")


def require_memory_below(world: GatewayWorld, megabytes: float) -> None:
    """The gateway takes less than so many megabytes (1,000,000 bytes each), all its processes together."""
    _require_own_process(world)
    seen = memory(world) / 1e6
    world.evidence.number("memory of the gateway", seen, "MB")
    if seen >= megabytes:
        world.fall_short(f"the gateway takes less than {megabytes:g} MB", f"{seen:.1f} MB")


def memory(world: GatewayWorld) -> int:
    """Bytes that the gateway's processes hold in memory (resident set)."""
    return sum(psutil.Process(pid).memory_info().rss for pid in world.gateway.pid_tree())


def rate(parts: list[Answered]) -> float:
    """Answered calls a second, over several parts."""
    seconds = sum(part.seconds for part in parts)
    return sum(part.calls for part in parts) / seconds if seconds else 0.0


def _frame(world: GatewayWorld) -> Callable[[str], str]:
    """Calls of the fast tool, with nothing worked out anew but the request id."""
    mark = "@request@"
    before, _, after = world.ask.fast(mark).text.partition(mark)
    return lambda request_id: f"{before}{request_id}{after}"


def _require_own_process(world: GatewayWorld) -> None:
    if not world.gateway.pid_tree():
        raise DeclinedError("the gateway's process is not the suite's: its memory cannot be read")
