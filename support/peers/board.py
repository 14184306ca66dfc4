"""A power board and its vehicle, as the suite sees and uses them."""

from dataclasses import dataclass

from support.kit.deadline import eventually, steadily
from support.kit.errors import PromiseBrokenError
from support.peers.protocol import OK, Line, State
from support.peers.rest import Rest
from support.peers.serial_talk import ANSWER_LIMIT, SerialTalk, told, told_itself

NOTHING = 0.2
"""Amperes that count as none."""
TOLERANCE = 0.5
"""Amperes by which a vehicle may miss what it is allowed to draw."""
LOOKS_APART = 0.03
FAULTS = {
    "a failed diode": ("diode_check", State.DIODE_CHECK_FAILED),
    "a ground fault": ("gfci", State.GROUND_FAULT),
    "no ground": ("no_ground", State.NO_GROUND),
    "a stuck relay": ("stuck_relay", State.STUCK_RELAY),
    "too high a temperature": ("over_temperature", State.OVER_TEMPERATURE),
}


@dataclass(frozen=True)
class Station:
    """What `$GS` tells. `vehicle`: the state of the pilot, which shows the vehicle also while the board sleeps."""

    state: State
    seconds: int
    vehicle: State


class Board:
    """One board. `control`: its HTTP side, which plays the vehicle; `line`: its serial line."""

    def __init__(self, control: Rest, line: SerialTalk) -> None:
        self.control = control
        self.line = line

    # What the suite does to it

    def vehicle_comes(self) -> None:
        """A vehicle is plugged in."""
        self._do("ev/connect")

    def vehicle_asks(self) -> None:
        """The vehicle asks for current."""
        self._do("ev/request_charge")

    def vehicle_stops(self) -> None:
        """The vehicle wants no more."""
        self._do("ev/stop_charge")

    def vehicle_goes(self) -> None:
        """The vehicle is unplugged."""
        self._do("ev/disconnect")

    def vehicle_draws_at_most(self, amps: float) -> None:
        """The vehicle's own limit."""
        self._do("ev/direct_current", {"current": amps})

    def break_with(self, fault: str) -> None:
        """One of `FAULTS`, by its words."""
        self._do("errors/trigger", {"error": FAULTS[fault][0]})

    def mend(self) -> None:
        """All faults go."""
        self._do("errors/clear")

    def tell(self, text: str, within: float = ANSWER_LIMIT) -> bytes:
        """The answer to a line that is said as it stands, without CR."""
        return self.line.ask(text.encode("latin-1"), within)

    def command(self, *words: str) -> Line:
        """The answer to a proper command. PromiseBrokenError where it is refused or has no right check."""
        line = Line(words[0], words[1:])
        answer = told(self.line.ask(line.written().removesuffix(b"\r"), ANSWER_LIMIT), line.text)
        if answer.verb != OK:
            raise PromiseBrokenError(f"the board takes {line.text!r}", answer.text)
        return answer

    # What the suite sees of it

    def station(self) -> Station:
        """As `$GS` tells it."""
        words = self.command("GS").words
        try:
            return Station(State(int(words[0], 16)), int(words[1]), State(int(words[2], 16)))
        except (ValueError, IndexError) as error:
            raise PromiseBrokenError("$GS is answered with state, seconds, pilot state and flags", repr(words)) from error

    def amps(self) -> float:
        """What flows, in amperes (`$GG`)."""
        return self._number("GG", 0) / 1000

    def capacity(self) -> float:
        """What it allows, in amperes (`$GE`)."""
        return self._number("GE", 0)

    def least(self) -> float:
        """The least that it can give, in amperes (`$GC`)."""
        return self._number("GC", 0)

    def most(self) -> set[float]:
        """The most that it can give, in amperes: what its hardware can, and what it was set up for (`$GC`)."""
        return {self._number("GC", 1), self._number("GC", 3)}

    def changes(self) -> list[State]:
        """The states that it told by itself (`$AT`), in order, without repeats of the same."""
        states: list[State] = []
        for _, raw in self.line.events():
            line = told_itself(raw)
            if line.verb != "AT":
                continue
            try:
                states.append(State(int(line.words[0], 16)))
            except (ValueError, IndexError) as error:
                raise PromiseBrokenError("a change is told as $AT with a state in hex", repr(raw)) from error
        return [state for number, state in enumerate(states) if number == 0 or states[number - 1] != state]

    def require_draws(self, amps: float, within: float) -> None:
        """The vehicle draws so much, within `within` seconds."""
        eventually(
            self.amps, lambda seen: abs(seen - amps) <= TOLERANCE, within, f"the vehicle draws {amps:g} A within {within:g} s",
            interval=LOOKS_APART, describe=amperes,
        )  # fmt: skip

    def require_draws_between(self, least: float, most: float, within: float) -> None:
        """The vehicle draws no less and no more, within `within` seconds."""
        eventually(
            self.amps, lambda seen: least - TOLERANCE <= seen <= most + TOLERANCE, within,
            f"the vehicle draws {least:g} to {most:g} A within {within:g} s", interval=LOOKS_APART, describe=amperes,
        )  # fmt: skip

    def require_draws_no_more(self, amps: float, during: float) -> None:
        """The vehicle draws no more than this all the time."""
        steadily(
            self.amps, lambda seen: seen <= amps + TOLERANCE, during,
            f"the vehicle draws no more than {amps:g} A for {during:g} s",
            interval=LOOKS_APART, describe=amperes,
        )  # fmt: skip

    def require_draws_nothing(self, within: float) -> None:
        """No current flows any more, within `within` seconds."""
        eventually(
            self.amps, lambda seen: seen <= NOTHING, within, f"the vehicle draws nothing within {within:g} s",
            interval=LOOKS_APART, describe=amperes,
        )  # fmt: skip

    def require_state(self, state: State, within: float = 1.0) -> None:
        """It is, or soon comes to be, in this state."""
        eventually(
            lambda: self.station().state, lambda seen: seen is state, within, f"the board is {in_words(state)}",
            interval=LOOKS_APART, describe=in_words,
        )  # fmt: skip

    def _number(self, verb: str, place: int) -> float:
        words = self.command(verb).words
        try:
            return float(words[place])
        except (ValueError, IndexError) as error:
            raise PromiseBrokenError(f"${verb} is answered with numbers", repr(words)) from error

    def _do(self, what: str, body: object = None) -> None:
        answer = self.control.post(f"/api/{what}", body)
        if answer.code != 200:
            raise PromiseBrokenError(f"the board takes {what}", str(answer))


def in_words(state: State) -> str:
    """A state, as failures tell it."""
    return state.name.lower().replace("_", " ")


def amperes(seen: float) -> str:
    """A current, as failures tell it."""
    return f"{seen:.2f} A"
