"""The power board: a J1772 state machine with a clock that is handed to it. It knows no bytes and no connections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise

from support.peers.protocol import Line, State
from support.peers.reference.emulator.meter import Meter
from support.peers.reference.emulator.supervision import Supervision
from support.peers.reference.emulator.vehicle import Vehicle

MIN_CURRENT = 6
"""Amperes: a pilot of J1772 cannot offer less."""
VOLTAGE = 240
"""Volts of the mains."""
FIRMWARE = "8.2.1"
PROTOCOL = "5.2.1"
BOOTED_WELL = "00"


class Fault(StrEnum):
    """What can be wrong with a station, by the name under which it is triggered."""

    VENTILATION = "ventilation"
    DIODE_CHECK = "diode_check"
    GFCI = "gfci"
    NO_GROUND = "no_ground"
    STUCK_RELAY = "stuck_relay"
    SELF_TEST = "self_test"
    OVER_TEMPERATURE = "over_temperature"
    OVER_CURRENT = "over_current"

    @property
    def state(self) -> State:
        """The state of a board that has it."""
        return FAULT_STATES[self]


FAULT_STATES = {
    Fault.VENTILATION: State.VENTILATION,
    Fault.DIODE_CHECK: State.DIODE_CHECK_FAILED,
    Fault.GFCI: State.GROUND_FAULT,
    Fault.NO_GROUND: State.NO_GROUND,
    Fault.STUCK_RELAY: State.STUCK_RELAY,
    Fault.SELF_TEST: State.SELF_TEST_FAILED,
    Fault.OVER_TEMPERATURE: State.OVER_TEMPERATURE,
    Fault.OVER_CURRENT: State.OVER_CURRENT,
}


class Mode(StrEnum):
    """What the board was told to be. The last word counts: a board that sleeps and is then disabled does not sleep any more."""

    ENABLED = "enabled"
    ASLEEP = "asleep"
    DISABLED = "disabled"


class Flag:
    """Bits of the flags that `$GS` and `$AT` tell (OpenEVSE's `ECVF_...`)."""

    HARD_FAULT = 0x0002
    NO_GROUND = 0x0020
    CHARGING = 0x0040
    GROUND_FAULT = 0x0080
    CONNECTED = 0x0100


class Board:
    """A board with its vehicle. Call it from one thread; times are those of `clock`, in seconds.

    A fault shows before all else, the one that came first before the others; then comes what the board was told to be, and
    only then what the vehicle wants.
    """

    def __init__(self, clock: Callable[[], float], max_current: int = 32) -> None:
        self.vehicle = Vehicle()
        self.max_current = max_current
        self.faults: list[Fault] = []
        self.fault_counts = dict.fromkeys(Fault, 0)
        self._clock = clock
        self._kept_capacity = max_current
        self._events: list[Line] = []
        self._boot()

    def _boot(self) -> None:
        now = self._clock()
        self.mode = Mode.ENABLED
        self.meter = Meter()
        self.supervision = Supervision()
        self._capacity = self._kept_capacity
        self._metered = self._since = now
        self._shown = (self.state, self.pilot_state)
        self._events.append(Line("AB", (BOOTED_WELL, FIRMWARE)))

    # --- what it is

    @property
    def state(self) -> State:
        """The state as `$GS` tells it."""
        if self.faults:
            return self.faults[0].state
        if self.mode is not Mode.ENABLED:
            return State.ASLEEP if self.mode is Mode.ASLEEP else State.DISABLED
        if not self.vehicle.connected:
            return State.NO_VEHICLE
        return State.CHARGING if self.vehicle.requesting else State.CONNECTED

    @property
    def pilot_state(self) -> State:
        """What the vehicle shows on the pilot line. It can ask for current only where the board offers some."""
        if not self.vehicle.connected:
            return State.NO_VEHICLE
        return State.CHARGING if self.state is State.CHARGING else State.CONNECTED

    @property
    def seconds_in_state(self) -> int:
        """Whole seconds."""
        return int(self._clock() - self._since)

    @property
    def flags(self) -> int:
        """Bits of `Flag`."""
        return (
            (Flag.HARD_FAULT if self.state.faulty else 0)
            | (Flag.NO_GROUND if Fault.NO_GROUND in self.faults else 0)
            | (Flag.GROUND_FAULT if Fault.GFCI in self.faults else 0)
            | (Flag.CHARGING if self.state is State.CHARGING else 0)
            | (Flag.CONNECTED if self.vehicle.connected else 0)
        )

    @property
    def capacity(self) -> int:
        """Amperes that the pilot offers now."""
        return self.supervision.limit(self._capacity, self._clock())

    @property
    def amps(self) -> float:
        """Amperes that are drawn now."""
        return self._amps_at(self._clock())

    def session(self) -> Meter:
        """The session so far: from the connecting of the vehicle (or a boot) to the next."""
        self._measure()
        return self.meter

    def take_events(self) -> list[Line]:
        """What the board has to say unasked since the last call."""
        events, self._events = self._events, []
        return events

    # --- what can be done to it

    def set_current(self, amps: int, keep: bool = True) -> int:
        """Offer `amps`, as near as the range allows; the amperes now in force. What is not kept is lost at a reset."""
        self._measure()
        self._capacity = max(MIN_CURRENT, min(amps, self.max_current))
        if keep:
            self._kept_capacity = self._capacity
        return self.capacity

    def supervise(self, interval: int, current: int) -> None:
        """Expect a heartbeat every `interval` seconds (0: none any more), else offer no more than `current` amperes."""
        self._measure()
        self.supervision = Supervision(interval, current, self._clock())

    def heartbeat(self) -> bool:
        """Somebody is there; whether the limit was in force until now."""
        self._measure()
        now = self._clock()
        missed = self.supervision.triggered(now)
        self.supervision.last = now
        return missed

    def enable(self) -> None:
        """Be awake and enabled."""
        with self._changing():
            self.mode = Mode.ENABLED

    def disable(self) -> None:
        """Be disabled."""
        with self._changing():
            self.mode = Mode.DISABLED

    def sleep(self) -> None:
        """Be asleep."""
        with self._changing():
            self.mode = Mode.ASLEEP

    def reset(self) -> None:
        """Start anew. What is wrong stays wrong, and the vehicle stays where it is."""
        before = self._shown
        self._boot()
        if self._shown != before:
            self._tell_state()

    def connect(self) -> None:
        """The vehicle is plugged in, which begins a session; nothing if it is already."""
        with self._changing():
            if not self.vehicle.connected:
                self.meter = Meter()
            self.vehicle.connected = True

    def disconnect(self) -> None:
        """The vehicle is unplugged."""
        with self._changing():
            self.vehicle.disconnect()

    def request_charge(self) -> None:
        """The vehicle wants current."""
        with self._changing():
            self.vehicle.requesting = True

    def stop_charge(self) -> None:
        """The vehicle wants no more current."""
        with self._changing():
            self.vehicle.requesting = False

    def set_soc(self, percent: float) -> None:
        """The vehicle's battery is at `percent`."""
        with self._changing():
            self.vehicle.soc = percent

    def set_draw_limit(self, amps: float) -> None:
        """The vehicle draws `amps` at most."""
        with self._changing():
            self.vehicle.draw_limit = amps

    def trigger(self, fault: Fault) -> None:
        """Something is wrong; nothing changes where it was already."""
        if fault not in self.faults:
            self.fault_counts[fault] += 1
            with self._changing():
                self.faults.append(fault)

    def clear(self, fault: Fault | None = None) -> None:
        """`fault` is mended, or all are."""
        with self._changing():
            self.faults = [each for each in self.faults if fault is not None and each is not fault]

    # --- how

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Something changes within: what was drawn until now counts by the old state, and a new state is told."""
        self._measure()
        yield
        shown = (self.state, self.pilot_state)
        if shown[0] is not self._shown[0]:
            self._since = self._clock()
        if shown != self._shown:
            self._shown = shown
            self._tell_state()

    def _tell_state(self) -> None:
        state, pilot = self._shown
        self._events.append(Line("AT", (f"{state:02X}", f"{pilot:02X}", str(self.capacity), f"{self.flags:04X}")))

    def _amps_at(self, moment: float) -> float:
        if self.state is not State.CHARGING:
            return 0.0
        return min(self.supervision.limit(self._capacity, moment), self.vehicle.acceptance)

    def _measure(self) -> None:
        """Count what was drawn since the last time. Between two calls only the supervision can have changed it, once."""
        now, deadline = self._clock(), self.supervision.deadline
        if self.state is State.CHARGING:
            moments = [self._metered, now]
            if deadline is not None and self._metered < deadline < now:
                moments.insert(1, deadline)
            for start, end in pairwise(moments):
                self.meter.add(self._amps_at(start) * VOLTAGE, end - start)
        self._metered = now
