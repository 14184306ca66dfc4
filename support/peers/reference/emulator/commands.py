"""RAPI: what a board answers to a line."""

from collections.abc import Callable, Mapping

from support.peers.protocol import OK, REFUSED, Line, RapiError, read_line
from support.peers.reference.emulator.board import FIRMWARE, MIN_CURRENT, PROTOCOL, VOLTAGE, Board, Fault

SETTINGS_FLAGS = 0x0001
"""Of `$GE`: a board at level 2, which is what 240 V are."""
TEMPERATURES = ("250", "-2560", "-2560")
"""Tenths of a degree; -2560 for a sensor that is not there."""
LONGEST_NUMBER = 6
"""Digits."""

Words = tuple[str, ...]
Answer = Callable[[Board, Words], Words]


class Commands:
    """Answers lines for `board` and counts those that it refuses."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.refused = 0

    def answer(self, raw: bytes) -> Line:
        """The reply to a line without its CR: `$OK ...`, or `$NK` for what is no line, no command, or has bad parameters."""
        try:
            line = read_line(raw)
            answer = COMMANDS.get(line.verb)
            if answer is None:
                raise RapiError(f"{line.verb} is no command")
            return Line(OK, answer(self.board, line.words))
        except RapiError:
            self.refused += 1
            return Line(REFUSED)


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER):
        raise RapiError(f"{word} is no whole number")
    return int(word)


def _plain(answer: Callable[[Board], Words]) -> Answer:
    """A command that takes no parameters."""

    def checked(board: Board, words: Words) -> Words:
        if words:
            raise RapiError(f"no parameters belong here, seen {' '.join(words)}")
        return answer(board)

    return checked


def _done(act: Callable[[Board], None]) -> Answer:
    """A command that takes no parameters and has nothing to tell."""

    def answer(board: Board) -> Words:
        act(board)
        return ()

    return _plain(answer)


def _state(board: Board) -> Words:
    return f"{board.state:02X}", str(board.seconds_in_state), f"{board.pilot_state:02X}", f"{board.flags:04X}"


def _current(board: Board) -> Words:
    return str(round(board.amps * 1000)), str(VOLTAGE * 1000)


def _range(board: Board) -> Words:
    return str(MIN_CURRENT), str(board.max_current), str(board.capacity), str(board.max_current)


def _settings(board: Board) -> Words:
    return str(board.capacity), f"{SETTINGS_FLAGS:04X}"


def _energy(board: Board) -> Words:
    session = board.session()
    return str(int(session.watt_hours)), str(int(session.watt_seconds))


def _faults(board: Board) -> Words:
    counted = (Fault.GFCI, Fault.NO_GROUND, Fault.STUCK_RELAY)
    return tuple(str(board.fault_counts[fault]) for fault in counted)


def _set_current(board: Board, words: Words) -> Words:
    if len(words) not in (1, 2) or words[1:] not in ((), ("V",)):
        raise RapiError("amperes belong here, and V where they are not to be kept")
    return (str(board.set_current(_number(words[0]), keep=len(words) == 1)),)


def _supervise(board: Board, words: Words) -> Words:
    missed = False
    if words:
        if len(words) != 2:
            raise RapiError("seconds and amperes belong here, or nothing")
        interval, current = map(_number, words)
        if interval and not MIN_CURRENT <= current <= board.max_current:
            raise RapiError(f"{current} A is out of the range")
        missed = board.heartbeat()
        board.supervise(interval, current)
    else:
        missed = board.heartbeat()
    return str(board.supervision.interval), str(board.supervision.current), str(int(missed))


COMMANDS: Mapping[str, Answer] = {
    "GS": _plain(_state),
    "GG": _plain(_current),
    "GC": _plain(_range),
    "GE": _plain(_settings),
    "GV": _plain(lambda _: (FIRMWARE, PROTOCOL)),
    "GU": _plain(_energy),
    "GF": _plain(_faults),
    "GP": _plain(lambda _: TEMPERATURES),
    "SC": _set_current,
    "SY": _supervise,
    "FE": _done(Board.enable),
    "FD": _done(Board.disable),
    "FS": _done(Board.sleep),
    "FR": _done(Board.reset),
}
