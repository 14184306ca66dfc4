"""The reference power board: a state machine with a clock that stands still unless told, and what it answers over RAPI."""

import json
import random
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from support.peers.protocol import CURRENT_RANGE, RapiError, State, read_line
from support.peers.reference.emulator.board import MIN_CURRENT, VOLTAGE, Board, Fault, Mode
from support.peers.reference.emulator.commands import COMMANDS, Commands

VECTORS = json.loads((Path(__file__).parent / "vectors" / "rapi.json").read_text(encoding="utf-8"))
REFUSED = b"$NK^21\r"
FAULT_STATES = {
    "ventilation": 0x04, "diode_check": 0x05, "gfci": 0x06, "no_ground": 0x07, "stuck_relay": 0x08, "self_test": 0x09,
    "over_temperature": 0x0A, "over_current": 0x0B,
}  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Subject:
    """A board with its clock, and RAPI in front of it."""

    def __init__(self, max_current: int = 32) -> None:
        self.clock = Clock()
        self.board = Board(self.clock, max_current)
        self.commands = Commands(self.board)
        self.booted = self.events()

    def ask(self, text: str) -> str:
        """The reply to a line, without its check."""
        return self.commands.answer(text.encode()).text

    def events(self) -> list[str]:
        return [event.text for event in self.board.take_events()]

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    def charging(self, amps: int = 16) -> "Subject":
        """With a vehicle that charges."""
        self.board.set_current(amps)
        self.board.connect()
        self.board.request_charge()
        assert self.board.state is State.CHARGING
        self.events()
        return self


# --- states


def test_a_board_starts_awake_without_a_vehicle_and_says_that_it_booted():
    it = Subject()
    assert it.booted == ["$AB 00 8.2.1"]
    assert (it.board.state, it.board.mode, it.board.capacity, it.board.amps) == (State.NO_VEHICLE, Mode.ENABLED, 32, 0.0)
    assert it.ask("$GS") == "$OK 01 0 01 0000"


def test_a_vehicle_comes_asks_stops_and_goes():
    it = Subject()
    seen = []
    for act in (it.board.connect, it.board.request_charge, it.board.stop_charge, it.board.disconnect):
        act()
        seen.append((it.board.state, it.board.amps))
    assert seen == [(State.CONNECTED, 0.0), (State.CHARGING, 32.0), (State.CONNECTED, 0.0), (State.NO_VEHICLE, 0.0)]
    assert it.events() == ["$AT 02 02 32 0100", "$AT 03 03 32 0140", "$AT 02 02 32 0100", "$AT 01 01 32 0000"]


def test_what_was_asked_for_before_connecting_counts_until_the_vehicle_goes():
    it = Subject()
    it.board.request_charge()
    assert it.board.state is State.NO_VEHICLE
    it.board.connect()
    assert it.board.state is State.CHARGING
    it.board.disconnect()
    it.board.connect()
    assert it.board.state is State.CONNECTED


def test_no_change_is_no_event():
    it = Subject().charging()
    it.board.connect()
    it.board.request_charge()
    it.board.enable()
    it.board.set_soc(50)
    it.board.set_draw_limit(10)
    it.board.clear()
    it.ask("$SC 10")
    assert it.events() == []


@pytest.mark.parametrize(("command", "state"), [("$FS", State.ASLEEP), ("$FD", State.DISABLED)])
def test_sleep_and_disable_stop_the_current_at_once_and_enabling_returns_it(command, state):
    it = Subject().charging()
    assert it.ask(command) == "$OK"
    assert (it.board.state, it.board.amps, it.ask("$GG")) == (state, 0.0, "$OK 0 240000")
    assert it.events() == [f"$AT {state:02X} 02 16 0100"]
    assert it.ask("$FE") == "$OK"
    assert (it.board.state, it.board.amps) == (State.CHARGING, 16.0)
    assert it.events() == ["$AT 03 03 16 0140"]


@pytest.mark.parametrize(("command", "state"), [("$FS", "FE"), ("$FD", "FF")])
def test_a_vehicle_at_a_board_that_gives_nothing_is_seen_on_the_pilot(command, state):
    it = Subject()
    it.ask(command)
    assert it.ask("$GS") == f"$OK {state} 0 01 0000"
    it.board.connect()
    assert it.ask("$GS") == f"$OK {state} 0 02 0100"
    assert it.events()[-1] == f"$AT {state} 02 32 0100"
    it.board.request_charge()
    assert it.ask("$GS") == f"$OK {state} 0 02 0100"
    it.board.disconnect()
    assert it.ask("$GS") == f"$OK {state} 0 01 0000"


def test_the_last_word_counts_between_sleep_and_disable():
    it = Subject()
    it.ask("$FS")
    it.ask("$FD")
    assert it.board.state is State.DISABLED
    it.ask("$FS")
    assert it.board.state is State.ASLEEP
    it.ask("$FE")
    assert it.board.state is State.NO_VEHICLE


@pytest.mark.parametrize(("name", "code"), FAULT_STATES.items())
def test_a_fault_has_its_state_stops_the_current_and_goes_when_it_is_cleared(name, code):
    it = Subject().charging()
    it.board.trigger(Fault(name))
    assert (it.board.state, it.board.amps) == (code, 0.0)
    assert it.events()[0].startswith(f"$AT {code:02X} 02 16 ")
    it.board.clear(Fault(name))
    assert (it.board.state, it.board.amps) == (State.CHARGING, 16.0)
    assert it.events() == ["$AT 03 03 16 0140"]


def test_every_fault_has_a_name():
    assert {str(fault) for fault in Fault} == set(FAULT_STATES)


def test_the_first_fault_shows_until_it_is_cleared_and_then_the_next():
    it = Subject().charging()
    for fault in (Fault.STUCK_RELAY, Fault.GFCI, Fault.GFCI):
        it.board.trigger(fault)
    assert it.board.state is State.STUCK_RELAY
    it.board.clear(Fault.OVER_CURRENT)
    assert it.board.state is State.STUCK_RELAY
    it.board.clear(Fault.STUCK_RELAY)
    assert it.board.state is State.GROUND_FAULT
    it.board.clear()
    assert it.board.state is State.CHARGING


def test_enabling_does_not_mend_and_a_board_that_was_asleep_sleeps_on_when_it_is_mended():
    it = Subject().charging()
    it.ask("$FS")
    it.board.trigger(Fault.GFCI)
    assert it.board.state is State.GROUND_FAULT
    it.board.clear()
    assert it.board.state is State.ASLEEP
    it.board.trigger(Fault.GFCI)
    it.ask("$FE")
    assert (it.board.state, it.board.amps) == (State.GROUND_FAULT, 0.0)


def test_faults_are_counted_once_each_time_they_come():
    it = Subject()
    for fault in (Fault.GFCI, Fault.GFCI, Fault.NO_GROUND, Fault.STUCK_RELAY):
        it.board.trigger(fault)
    assert it.ask("$GF") == "$OK 1 1 1"
    it.board.clear()
    it.board.trigger(Fault.GFCI)
    it.ask("$FR")
    assert it.ask("$GF") == "$OK 2 1 1"


def test_flags_tell_what_is_wrong():
    it = Subject().charging()
    assert it.board.flags == 0x0140
    it.board.trigger(Fault.GFCI)
    it.board.trigger(Fault.NO_GROUND)
    assert it.board.flags == 0x0100 | 0x0080 | 0x0020 | 0x0002
    it.board.clear()
    it.board.trigger(Fault.VENTILATION)
    assert it.board.flags == 0x0100


def test_seconds_count_from_the_change_of_state():
    it = Subject()
    it.wait(12.9)
    assert it.ask("$GS") == "$OK 01 12 01 0000"
    it.board.connect()
    it.wait(3)
    it.board.connect()
    assert it.ask("$GS") == "$OK 02 3 02 0100"


# --- current


@pytest.mark.parametrize(
    ("capacity", "limit", "soc", "drawn"),
    [
        (16, 32.0, 40.0, 16.0), (32, 10.5, 40.0, 10.5), (16, 0.0, 40.0, 0.0), (32, 32.0, 80.0, 32.0), (32, 32.0, 90.0, 16.0),
        (32, 32.0, 95.0, 8.0), (32, 32.0, 100.0, 0.0), (10, 32.0, 90.0, 10.0), (16, 20.0, 0.0, 16.0),
    ],
)  # fmt: skip
def test_a_vehicle_draws_what_it_may_and_can(capacity, limit, soc, drawn):
    it = Subject().charging(capacity)
    it.board.set_draw_limit(limit)
    it.board.set_soc(soc)
    assert it.board.amps == pytest.approx(drawn)
    assert it.ask("$GG") == f"$OK {drawn * 1000:.0f} 240000"


@pytest.mark.parametrize(("asked", "given"), [("16", 16), ("6", 6), ("0", 6), ("5", 6), ("32", 32), ("33", 32), ("999999", 32)])
def test_a_current_is_clamped_and_the_reply_is_what_is_in_force(asked, given):
    it = Subject().charging(10)
    assert it.ask(f"$SC {asked}") == f"$OK {given}"
    assert it.ask("$GE") == f"$OK {given} 0001"
    assert it.ask("$GC") == f"$OK 6 32 {given} 32"
    assert it.board.amps == given


def test_a_bigger_board_can_give_more():
    it = Subject(max_current=80)
    assert it.ask("$GC") == "$OK 6 80 80 80"
    assert it.ask("$SC 48") == "$OK 48"


def test_a_volatile_current_is_lost_at_a_reset_and_another_is_not():
    it = Subject()
    assert it.ask("$SC 20") == "$OK 20"
    assert it.ask("$SC 8 V") == "$OK 8"
    assert it.ask("$FR") == "$OK"
    assert it.events() == ["$AB 00 8.2.1"]
    assert it.ask("$GE") == "$OK 20 0001"


def test_a_reset_wakes_the_board_and_leaves_vehicle_and_faults_as_they_are():
    it = Subject().charging()
    it.ask("$FS")
    it.events()
    it.ask("$FR")
    assert it.events() == ["$AB 00 8.2.1", "$AT 03 03 16 0140"]
    it.board.trigger(Fault.GFCI)
    it.events()
    it.ask("$FR")
    assert (it.board.state, it.events()) == (State.GROUND_FAULT, ["$AB 00 8.2.1"])


# --- the session


def test_the_session_is_what_was_drawn():
    it = Subject().charging(10)
    it.wait(30)
    it.ask("$SC 20")
    it.wait(60)
    it.board.stop_charge()
    it.wait(1000)
    expected = VOLTAGE * (10 * 30 + 20 * 60)
    assert it.ask("$GU") == f"$OK {expected // 3600} {expected}"
    assert it.board.session().seconds == pytest.approx(90)


def test_the_session_stays_when_the_vehicle_goes_and_ends_when_one_comes():
    it = Subject().charging(10)
    it.wait(15)
    it.board.disconnect()
    it.wait(15)
    assert it.ask("$GU") == "$OK 10 36000"
    it.board.connect()
    assert it.ask("$GU") == "$OK 0 0"


@pytest.mark.parametrize("stop", ["sleep", "disable", "disconnect", "stop_charge"])
def test_no_energy_flows_after_a_stop(stop):
    it = Subject().charging(10)
    it.wait(10)
    getattr(it.board, stop)()
    it.wait(3600)
    assert it.board.session().watt_seconds == pytest.approx(24_000)


# --- supervision


def test_without_a_heartbeat_the_capacity_falls_until_the_next():
    it = Subject().charging(20)
    assert it.ask("$SY 30 8") == "$OK 30 8 0"
    it.wait(29.9)
    assert (it.board.capacity, it.ask("$SY")) == (20, "$OK 30 8 0")
    it.wait(29.9)
    assert it.board.capacity == 20
    it.wait(0.2)
    assert (it.board.capacity, it.board.amps, it.ask("$GE")) == (8, 8.0, "$OK 8 0001")
    assert it.ask("$SC 16") == "$OK 8"
    assert it.ask("$SY") == "$OK 30 8 1"
    assert (it.board.capacity, it.ask("$SY")) == (16, "$OK 30 8 0")


def test_supervision_never_raises_a_current():
    it = Subject().charging(6)
    it.ask("$SY 5 16")
    it.wait(100)
    assert it.board.capacity == 6


def test_an_interval_of_0_and_a_reset_end_supervision():
    for ending in ("$SY 0 0", "$FR"):
        it = Subject().charging(20)
        it.ask("$SY 5 6")
        it.ask(ending)
        it.wait(1000)
        assert (it.board.capacity, it.ask("$SY")) == (20, "$OK 0 0 0")


def test_energy_counts_what_the_supervision_left():
    it = Subject().charging(20)
    it.ask("$SY 30 10")
    it.wait(40)
    assert it.board.session().watt_seconds == pytest.approx(VOLTAGE * (20 * 30 + 10 * 10))
    it.wait(5)
    it.ask("$SY")
    it.wait(10)
    assert it.board.session().watt_seconds == pytest.approx(VOLTAGE * (20 * 30 + 10 * 15 + 20 * 10))


# --- RAPI


def test_known_lines_are_taken_with_their_check_and_without():
    taken = [each for each in VECTORS["lines"] if each["line"][1:3] in COMMANDS]
    assert {each["line"][1:3] for each in taken} == set(COMMANDS)
    for each in taken:
        for line in each.values():
            assert Subject().ask(line).startswith("$OK"), line


@pytest.mark.parametrize(
    "line",
    [
        *VECTORS["refused"], "", "\n$GS", "$GS ", "$gs", "$GS^3", "$GS^300", "$GS^30 ", "$GS^", "$OK^20", "$NK^21", "$AT 01",
        "$GS 1",
        "$SC", "$SC x", "$SC -6", "$SC 6.5", "$SC 6 W", "$SC 6 V V", "$SC 6 V 7", "$SC V", "$SC 1234567", "$SC  6", "$SC +6",
        "$FE 1", "$FS 0", "$FR now", "$SY 5", "$SY 5 5", "$SY 5 33", "$SY -1 6", "$SY 5 6 7", "$SY a b", "$GS" + " 1" * 200,
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing_and_is_counted(line):
    it = Subject().charging()
    before = it.ask("$GS"), it.ask("$GE"), it.ask("$SY")
    assert it.commands.answer(line.encode()).written() == REFUSED
    assert it.commands.refused == 1
    assert (it.ask("$GS"), it.ask("$GE"), it.ask("$SY"), it.events()) == (*before, [])


def test_the_rest_of_the_words():
    it = Subject()
    assert (it.ask("$GV"), it.ask("$GP"), it.ask("$GF"), it.ask("$GU")) == (
        "$OK 8.2.1 5.2.1", "$OK 250 -2560 -2560", "$OK 0 0 0", "$OK 0 0",
    )  # fmt: skip


def lines_at_random(number: int, seed: int) -> list[bytes]:
    """Lines that are nearly right, and others that are not."""
    chance = random.Random(seed)
    verbs = [*COMMANDS, "XX", "OK", "AT"]
    words = ["", "1", "6", "16", "V", "0", "-1", "x", "99999999", "\u00e9", "^", "$"]
    made = []
    for _ in range(number):
        more = (chance.choice(words) for _ in range(chance.choice((0, 0, 0, 1, 2, 3))))
        line = " ".join((f"${chance.choice(verbs)}", *more)).encode()
        match chance.randrange(5):
            case 0:
                line += b"^%02X" % chance.randrange(256)
            case 1:
                line = bytes(chance.randrange(256) for _ in range(chance.randrange(300)))
            case 2:
                place = chance.randrange(len(line))
                line = line[:place] + bytes([chance.randrange(256)]) + line[place + 1 :]
            case _:
                pass
        made.append(line.replace(b"\r", b""))
    return made


def test_twenty_thousand_lines_at_random_are_answered_one_by_one():
    it = Subject().charging()
    refused = 0
    for raw in lines_at_random(20_000, seed=7):
        reply = it.commands.answer(raw)
        refused += reply.verb == "NK"
        assert read_line(reply.written()[:-1]) == reply
        if reply.verb == "OK":
            assert read_line(raw).verb in COMMANDS  # else RapiError
        it.wait(0.01)
        it.events()
    assert it.commands.refused == refused
    assert 5_000 < refused < 19_000


@given(st.binary(max_size=300).filter(lambda raw: not raw.startswith(b"$")))
def test_what_does_not_begin_with_a_dollar_is_refused(raw):
    with pytest.raises(RapiError):
        read_line(raw)
    assert Subject().commands.answer(raw).written() == REFUSED


# --- whatever happens


class AnythingHappens(RuleBasedStateMachine):
    """A board to which anything is done in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.it = Subject()
        self.told = (State.NO_VEHICLE, State.NO_VEHICLE)
        self.energy = 0.0

    @rule(act=st.sampled_from(["connect", "disconnect", "request_charge", "stop_charge", "enable", "disable", "sleep", "reset"]))
    def act(self, act):
        getattr(self.it.board, act)()

    @rule(fault=st.sampled_from(Fault), clear=st.booleans())
    def fault(self, fault, clear):
        (self.it.board.clear if clear else self.it.board.trigger)(fault)

    @rule(
        line=st.sampled_from([f"$SC {n}{v}" for n, v in product((0, 6, 10, 25, 40), ("", " V"))] + ["$SY", "$SY 7 8", "$SY 0 0"])
    )
    def ask(self, line):
        assert self.it.ask(line).startswith("$OK")

    @rule(soc=st.floats(0, 100), limit=st.floats(0, CURRENT_RANGE[1]))
    def vehicle(self, soc, limit):
        self.it.board.set_soc(soc)
        self.it.board.set_draw_limit(limit)

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds):
        before, amps = self.it.board.session().watt_seconds, self.it.board.amps
        self.it.wait(seconds)
        drawn = self.it.board.session().watt_seconds - before
        assert -1e-6 <= drawn <= amps * VOLTAGE * seconds + 1e-3

    @invariant()
    def current_flows_only_in_state_c_and_within_all_limits(self):
        board = self.it.board
        assert MIN_CURRENT <= board.capacity <= board.max_current
        assert 0 <= board.amps <= min(board.capacity, board.vehicle.draw_limit)
        if board.amps:
            assert board.state is State.CHARGING
            assert board.vehicle.connected
            assert board.vehicle.requesting
            assert board.mode is Mode.ENABLED
            assert not board.faults

    @invariant()
    def what_was_told_last_is_what_is(self):
        for event in self.it.board.take_events():
            if event.verb == "AT":
                self.told = State(int(event.words[0], 16)), State(int(event.words[1], 16))
        assert self.told == (self.it.board.state, self.it.board.pilot_state)


TestAnythingHappens = AnythingHappens.TestCase
TestAnythingHappens.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
