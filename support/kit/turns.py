"""Two who ask over one line, and whose answer it is that comes back.

A program asks as it likes, one question after the other or several at once. The suite asks in between: only when no question of
the program is unanswered, and the program's next ones wait until the suite has its answer. Answers carry no name, but keep their
order; so each belongs to who asked first.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class To(Enum):
    """Whom an answer is for."""

    PROGRAM = "program"
    SUITE = "suite"
    UNSURE = "unsure"
    """Kept: whether it is the suite's, only the next answer tells, or that there is none for a moment."""


@dataclass(eq=False)
class Question:
    """A line, and whether the suite asks it. kept: an answer that may be the right one."""

    line: bytes
    of_suite: bool
    sent: bool = False
    kept: bytes | None = None


@dataclass(frozen=True)
class Verdict:
    """Whom an answer is for, the question that it answers, and an answer that was kept and turns out to be the program's."""

    to: To
    question: Question | None = None
    late: bytes | None = None


class Turns:
    """Whose turn it is. `send` is called with each question when its turn has come. No clock and no socket.

    Questions of the program that were given up may be answered late, when the suite waits for an answer of its own. Then the
    suite's is the last of the answers that come.
    """

    def __init__(self, send: Callable[[Question], None]) -> None:
        self._send = send
        self._waiting: deque[Question] = deque()
        self._held: deque[Question] = deque()
        self._open: deque[Question] = deque()
        self._given_up = 0
        """Questions of the program that had no answer in time, and may still get one."""

    def ask(self, question: Question) -> None:
        """Somebody asks: now, or as soon as it is its turn."""
        (self._waiting if question.of_suite else self._held).append(question)
        self.proceed()

    def answered(self, line: bytes) -> Verdict:
        """An answer came. Call proceed() once it is delivered."""
        if not self._open:
            self._given_up = max(0, self._given_up - 1)
            return Verdict(To.PROGRAM)
        question = self._open[0]
        if not question.of_suite:
            self._open.popleft()
            return Verdict(To.PROGRAM, question)
        late, question.kept = question.kept, line
        if late is not None:
            self._given_up -= 1
        if self._given_up > 0:
            return Verdict(To.UNSURE, question, late)
        self._open.popleft()
        return Verdict(To.SUITE, question, late)

    def settle(self, question: Question) -> bytes | None:
        """No other answer has come for a moment: the suite's is the one that was kept. None where the question is closed.

        Call proceed() once it is delivered.
        """
        if question not in self._open or question.kept is None:
            return None
        self._given_up = 0
        self._open.remove(question)
        return question.kept

    def give_up(self, question: Question) -> bool:
        """No answer came in time, or nobody wants it any more. Whether the question was sent and open."""
        was_open = question in self._open
        for queue in (self._open, self._waiting, self._held):
            if question in queue:
                queue.remove(question)
        if was_open and not question.of_suite:
            self._given_up += 1
        self.proceed()
        return was_open

    def forget(self) -> list[Question]:
        """The line was lost: nobody gets an answer any more. All who asked, in order, sent or not."""
        lost = [*self._open, *self._waiting, *self._held]
        for queue in (self._open, self._waiting, self._held):
            queue.clear()
        self._given_up = 0
        return lost

    def proceed(self) -> None:
        """Send what can be sent now."""
        while not (self._open and self._open[0].of_suite):
            if self._waiting:
                if self._open:
                    return
                question = self._waiting.popleft()
            elif self._held:
                question = self._held.popleft()
            else:
                return
            self._open.append(question)
            question.sent = True
            self._send(question)
