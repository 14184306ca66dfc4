"""The liars lie, each in its own way. Which scenario finds which liar is told by tests/test_red.py."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_toggle_reference import (
    ROOT,
    Act,
    Diary,
    Playing,
    answers,
    bulb,
    counted,
    hang_up,
    later,
    refusing_port,
    says,
    silent,
    unanswered_port,
)

from support.toggle.liars import LIARS, Liar
from support.toggle.protocol import Toggle, encode
from support.toggle.reference.cli import Program
from support.toggle.reference.hub import Hub, Result
from support.toggle.reference.hub_log import LOGGER
from support.toggle.reference.settings import HubSettings

SETTINGS = HubSettings(connect_timeout=0.2, io_timeout=0.2, backoff_base=0.02, backoff_cap=0.03, jitter=0.01)
OTHER_SETTINGS = {
    "linear_backoff": HubSettings(),
    "io_timeout_halved": HubSettings(io_timeout=1.0),
    "commands_one_at_a_time": HubSettings(io_timeout=5.0),
}
PROGRAMS = {
    "metrics_port_taken_ignored", "bad_port_accepted", "bad_state_is_off", "traceback_on_bad_argument", "exit_code_always_zero",
}  # fmt: skip
OFF = Toggle("DEV1", "", False)


@dataclass
class Seen:
    """What came of commands: their results, what the bulb received, what was counted and logged, and the seconds taken."""

    results: list[Result]
    raw: list[bytes]
    connections: int
    counts: Counter[str]
    lines: list[dict[str, object]]
    seconds: float
    hub: Hub

    @property
    def result(self) -> Result:
        return self.results[0]

    @property
    def outcomes(self) -> set[object]:
        return {line["outcome"] for line in self.lines} - {None}


def make(program: Program, name: str = "") -> Hub:
    return program.make_hub(OTHER_SETTINGS.get(name, SETTINGS))


def observe(hub: Hub, *acts: Act, port: int | None = None, device_id: str = "DEV1", commands: int = 1, attempts: int = 2) -> Seen:
    """Switch a bulb off that acts as told, `commands` times at once; or whatever is at `port`."""
    diary = Diary()
    hub.log.logger = LOGGER.getChild("seen")
    hub.log.logger.setLevel("DEBUG")
    hub.log.logger.addHandler(diary)

    async def run() -> Seen:
        async with bulb(*acts or (answers,)) as playing:
            began = time.monotonic()
            todo = (hub.toggle(device_id, "127.0.0.1", port or playing.port, False, attempts) for _ in range(commands))
            results = await asyncio.gather(*todo)
            seconds = time.monotonic() - began
            # The bulb learns only from the hub's hanging up that a frame is incomplete.
            while port is None and not playing.raw and time.monotonic() < began + 10:
                await asyncio.sleep(0.005)
            return Seen(results, playing.raw, playing.connections, Counter(counted(hub.metrics)), diary.lines, seconds, hub)

    try:
        return asyncio.run(run())
    finally:
        hub.log.logger.removeHandler(diary)


def sent_instead(change: Callable[[bytes], bytes]) -> Callable[[Hub], bool]:
    """Whether the bulb received what `change` makes of the honest frame."""

    def lies(hub: Hub) -> bool:
        seen = observe(hub, device_id="Küche")
        honest = encode(Toggle("Küche", seen.result.msg_id, False))
        return seen.raw[0] == change(honest) != honest

    return lies


def resized(payload: bytes) -> bytes:
    return b"\xf0\x0d\x01" + len(payload).to_bytes(4, "big") + payload


def refused(hub: Hub, **more: int) -> Seen:
    with refusing_port() as port:
        return observe(hub, port=port, **more)


def unanswered(hub: Hub, **more: int) -> Seen:
    with unanswered_port() as port:
        return observe(hub, port=port, **more)


def waits(hub: Hub, attempt: int) -> list[float]:
    return [hub.delay_after(attempt) for _ in range(200)]


def of_each_device(hub: Hub) -> bool:
    observe(hub, device_id="A")
    observe(hub, device_id="B")
    value = hub.metrics.registry.get_sample_value
    labels = {"device_id": "hub", "outcome": "success"}
    return value("tcp_comm_packet_sent_total", labels) == value("tcp_comm_packet_recv_total", labels) == 2


async def _hangs(hub: Hub) -> bool:
    async with bulb(answers) as playing:
        ended, _ = await asyncio.wait([asyncio.ensure_future(hub.toggle("D", "127.0.0.1", playing.port, True))], timeout=0.3)
        return not ended and not playing.connections


LIES: dict[str, Callable[[Hub], bool]] = {
    "no_backoff": lambda hub: waits(hub, 1) == [0.0] * 200,
    "linear_backoff": lambda hub: [hub.least_delay(k) for k in range(1, 5)] == [0.25, 0.5, 0.75, 1.0],
    "backoff_without_cap": lambda hub: min(waits(hub, 6)) >= 0.02 * 32,
    "no_jitter": lambda hub: set(waits(hub, 1)) == {0.02},
    "jitter_too_wide": lambda hub: 0.03 < max(waits(hub, 1)) <= 0.07,
    "one_attempt_too_many": lambda hub: observe(hub, hang_up).connections == 3,
    "one_attempt_too_few": lambda hub: (observe(hub, hang_up).connections, observe(hub, attempts=1).connections) == (1, 1),
    "waits_after_last_attempt": lambda hub: refused(hub, attempts=1).seconds >= 0.02,
    "gives_up_when_refused": lambda hub: (refused(hub).result.attempts, observe(hub, hang_up).connections) == (1, 2),
    "gives_up_on_bad_ack": lambda hub: (observe(hub, says(b"NO")).connections, refused(hub).result.attempts) == (1, 2),
    "commands_one_at_a_time": lambda hub: observe(hub, later(0.2), commands=4).seconds >= 0.8,
    "hangs": lambda hub: asyncio.run(_hangs(hub)),
    "any_reply_is_success": lambda hub: (
        observe(hub, says(b"NO")).result.acknowledged and not observe(hub, hang_up).result.acknowledged
    ),
    "ack_prefix_is_success": lambda hub: (
        observe(hub, says(b"ACKX")).result.acknowledged and not observe(hub, says(b"NAK")).result.acknowledged
    ),
    "first_chunk_is_the_reply": lambda hub: observe(hub, says(b"A", b"CK")).counts["recv bad_ack"] == 2,
    "closes_before_the_reply": lambda hub: observe(hub, silent).result.acknowledged,
    "no_answer_is_success": lambda hub: (
        observe(hub, silent).result.acknowledged and not observe(hub, hang_up).result.acknowledged
    ),
    "closed_is_success": lambda hub: observe(hub, hang_up).result.acknowledged and not observe(hub, silent).result.acknowledged,
    "fresh_id_per_attempt": lambda hub: len({raw[40:] for raw in observe(hub, hang_up, answers).raw}) == 2,
    "id_shared_by_commands": lambda hub: len({result.msg_id for result in observe(hub, commands=3).results}) == 1,
    "upper_case_id": lambda hub: re.fullmatch("A[0-9A-F]{15}", observe(hub).result.msg_id) is not None,
    "little_endian_length": sent_instead(lambda frame: frame[:3] + frame[6:2:-1] + frame[7:]),
    "length_counts_header": sent_instead(lambda frame: frame[:3] + len(frame).to_bytes(4, "big") + frame[7:]),
    "compact_json": sent_instead(lambda frame: resized(frame[7:].replace(b'": ', b'":').replace(b", ", b","))),
    "raw_unicode": sent_instead(lambda frame: resized(frame[7:].replace(b"\\u00fc", "ü".encode()))),
    "trims_the_name": lambda hub: b'"device_id": "D"' in observe(hub, device_id=" D ").raw[0],
    "extra_key": sent_instead(lambda frame: resized(frame[7:-1] + b', "source": "hub"}')),
    "junk_after_frame": sent_instead(lambda frame: frame + b"\r\n"),
    "frame_sent_twice": sent_instead(lambda frame: frame + frame),
    "state_inverted": sent_instead(lambda frame: resized(frame[7:].replace(b"false", b"true"))),
    "always_on": sent_instead(lambda frame: resized(frame[7:].replace(b"false", b"true"))),
    "connects_twice": lambda hub: observe(hub, later(0.05)).connections == 2,
    "second_connection_left_open": lambda hub: observe(hub, later(0.05)).connections == 2,
    "io_timeout_ignored": lambda hub: observe(hub, silent, attempts=1).seconds >= 0.8,
    "io_timeout_halved": lambda hub: observe(hub, later(0.7), attempts=1).counts["recv timeout"] == 1,
    "connect_timeout_ignored": lambda hub: unanswered(hub, attempts=1).seconds >= 0.8,
    "retransmits_not_counted": lambda hub: observe(hub, hang_up).counts == {"sent success": 2, "recv closed": 2},
    "retransmits_counted_once_too_often": lambda hub: observe(hub, hang_up).counts["retransmit closed"] == 2,
    "latency_counted_on_failure": lambda hub: observe(hub, hang_up).counts["latency_seconds_count"] == 2,
    "latency_in_milliseconds": lambda hub: (
        observe(hub, later(0.03))
        and hub.metrics.registry.get_sample_value("tcp_comm_packet_latency_seconds_sum", {"device_id": "DEV1"}) >= 30
    ),
    "sent_counted_when_refused": lambda hub: refused(hub).counts["sent success"] == 2,
    "timeout_counted_as_closed": lambda hub: observe(hub, silent).counts["recv closed"] == 2,
    "metrics_of_all_devices_mixed": of_each_device,
    "logs_wrong_outcome": lambda hub: observe(hub, hang_up).outcomes == {"timeout"},
    "logs_success_on_failure": lambda hub: observe(hub, hang_up).outcomes == {"acknowledged"},
    "correlation_id_per_line": lambda hub: (
        (seen := observe(hub)) and len({line["correlation_id"] for line in seen.lines}) == len(seen.lines) > 2
    ),
}


def test_every_liar_is_looked_at():
    assert set(LIES) | PROGRAMS == set(LIARS)
    assert len(LIARS) >= 26


@pytest.mark.parametrize("name", sorted(set(LIES) - {"state_inverted"}))
def test_a_liar_lies_as_it_says_and_the_reference_does_not(name):
    lies = LIES[name]
    assert lies(make(LIARS[name].program(), name))
    assert not lies(make(Program(), name))


def test_an_inverted_state_is_wrong_both_ways_and_always_on_only_one_way():
    inverted, always = (make(LIARS[name].program()) for name in ("state_inverted", "always_on"))
    on, off = Toggle("D", "0" * 16, True), Toggle("D", "0" * 16, False)
    assert (inverted.frame(on), inverted.frame(off)) == (encode(off), encode(on))
    assert (always.frame(on), always.frame(off)) == (encode(on), encode(on))


@pytest.mark.parametrize("liar", LIARS.values(), ids=lambda liar: liar.name)
def test_a_liar_says_in_one_sentence_what_it_breaks(liar: Liar):
    assert LIARS[liar.name] is liar
    assert re.fullmatch("[a-z_]+", liar.name)
    assert re.fullmatch(r"(It|Its|Chance) [^.]+\.", liar.breaks)


def test_liars_that_lie_about_replies_still_ask_willing_bulbs_rightly():
    for name in ("any_reply_is_success", "ack_prefix_is_success", "no_answer_is_success", "closed_is_success"):
        assert observe(make(LIARS[name].program())).counts == {"sent success": 1, "recv success": 1, "latency_seconds_count": 1}


# --- as programs


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = (sys.executable, "-m", "support.toggle.liars")
    return subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=30, cwd=ROOT, check=False)


GOOD = ("toggle", "--device-id=DEV1", "--device-host=127.0.0.1", "--metrics-port=none", "--max-attempts=1")


def test_a_liar_takes_the_arguments_of_the_reference():
    with Playing(answers) as playing:
        done = run("always_on", *GOOD, f"--device-port={playing.bulb.port}", "--state=off")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["acknowledged"] is True
    assert playing.bulb.frames[0].state is True


def test_the_list_and_a_name_that_is_none():
    listed, unknown, nothing = run("--list"), run("nobody"), run()
    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(LIARS)
    for done in (unknown, nothing):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_shared_id_is_shared_by_programs_too():
    with Playing(answers) as playing:
        for _ in range(2):
            run("id_shared_by_commands", *GOOD, f"--device-port={playing.bulb.port}")
    assert len({frame.msg_id for frame in playing.bulb.frames}) == 1


def test_a_bad_port_is_accepted():
    assert run("bad_port_accepted", *GOOD, "--device-port=70000").returncode == 1
    assert run("bad_port_accepted", *GOOD, "--device-port", "0").returncode == 1
    assert run("bad_port_accepted", *GOOD, "--state=maybe").returncode == 2


def test_a_bad_state_is_off():
    with Playing(answers) as playing:
        assert run("bad_state_is_off", *GOOD, f"--device-port={playing.bulb.port}", "--state", "maybe").returncode == 0
    assert playing.bulb.frames[0].state is False
    assert run("bad_state_is_off", *GOOD, "--device-port=0").returncode == 2


def test_a_bad_argument_is_a_traceback_with_the_right_code():
    done = run("traceback_on_bad_argument", *GOOD, "--state=maybe")
    assert done.returncode == 2
    assert "Traceback (most recent call last)" in done.stderr


def test_a_failure_ends_with_code_0():
    with refusing_port() as port:
        done = run("exit_code_always_zero", *GOOD, f"--device-port={port}")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["acknowledged"] is False


def test_a_taken_metrics_port_is_ignored():
    with Playing(answers) as playing, Playing(answers) as other:
        arguments = (f"--device-port={playing.bulb.port}", f"--metrics-port={other.bulb.port}")
        assert run("metrics_port_taken_ignored", *GOOD, *arguments).returncode == 0
    assert playing.bulb.connections == 1


def test_the_reference_knows_nothing_of_its_liars():
    for module in (Path(ROOT) / "support" / "toggle" / "reference").glob("*.py"):
        assert "liar" not in module.read_text(encoding="utf-8")
