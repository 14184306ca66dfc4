"""A program in a process of its own: started with a log, awaited, paused, and ended with all that it started.

A thread per process does the spawning and the reaping. Signal handlers run in the main thread only, so an
exception out of one (the suite's watchdog) can neither lose a process that was just born nor break the
bookkeeping of its end.
"""

import os
import secrets
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from support.kit.deadline import Deadline, Latch, start_thread
from support.kit.errors import DeadlineExceededError, InfrastructureError, VoidError
from support.kit.leftovers import owned
from support.kit.process_log import tail_since, text_since
from support.kit.process_tree import ProcessTree, living, pids_of, send, status_of

LIMIT = 5.0
"""Seconds for what a healthy machine does at once: a spawn, a SIGKILL, a SIGSTOP, the end of a pipe."""
MOMENT = 1.0
"""Seconds by which two signs of the same end (exit code, end of a pipe) may lie apart."""
WRITE_LIMIT = 10.0
"""Seconds until a program that does not read its standard input is given up."""
GRACE = 2.0
"""Seconds that stop_all() gives after TERM."""
POLL = 0.002


class ProcessError(InfrastructureError):
    """A process did not do what was asked of it."""


class ProcessStartError(ProcessError):
    """The program could not be started at all."""


class ProcessDiedError(ProcessError):
    """The process ended, or closed its input, while it was still needed."""


class ProcessNotReadyError(ProcessError):
    """The process runs, but was not ready in time."""


class ManagedProcess:
    """Made by start(). A context manager: leaving it stops the process."""

    def __init__(self, argv: Sequence[str], name: str, log: Path, on_line: Callable[[str], None] | None) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.log = log
        self.pid = 0
        self.started_at = 0.0
        self.ended_at: float | None = None
        self._on_line = on_line
        self._log_begin = 0
        self._returncode: int | None = None
        self._start_error: Exception | None = None
        self._line_error: BaseException | None = None
        self._stdin: IO[bytes] | None = None
        self._tree: ProcessTree | None = None
        self._spawned, self._ended, self._drained = Latch(), Latch(), Latch()
        self._asked = self._stopped = False

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: bool = False,
        on_line: Callable[[str], None] | None = None,
    ) -> "ManagedProcess":
        """Start a program in a session of its own; `env` is added to this process's environment.

        Its stderr is appended to `log`, its stdout too. With `on_line`, each line of stdout (UTF-8, without
        its newline) goes there instead, from a thread; what `on_line` raises gets out of wait(),
        wait_ready(), require_alive() or stop(), once, and the lines after that go to the log.
        ProcessStartError names argv[0] and the reason.
        """
        if not argv:
            raise ValueError(f"{name}: no program to start")
        process = cls(argv, name, log, on_line)
        thread = threading.Thread(target=process._keep, args=(env, cwd, stdin), name=f"{name} keeper", daemon=True)
        try:
            start_thread(thread)
            in_time = process._spawned.wait(LIMIT)
        except BaseException as interruption:
            # Nobody gets a handle, so nobody else could end what was or is just being born.
            process._spawned.wait(LIMIT)
            try:
                if process._tree is not None:
                    process._end(0.0)
            except ProcessError as error:
                interruption.add_note(str(error))
            raise
        if process._start_error is not None:
            reason = process._start_error
            raise ProcessStartError(f"{name}: cannot start {argv[0]!r}: {reason}") from reason
        if not in_time:
            raise ProcessStartError(f"{name}: cannot start {argv[0]!r}: not spawned within {LIMIT:g} s")
        return process

    @property
    def returncode(self) -> int | None:
        """The exit code, negative the signal that ended the process, None while it runs."""
        return self._returncode

    @property
    def alive(self) -> bool:
        return self._returncode is None

    def write_line(self, text: str) -> None:
        """Write `text` and a newline to standard input (UTF-8).

        ProcessDiedError when nobody is there to read it, DeadlineExceededError after WRITE_LIMIT seconds in
        which it was not read, ValueError when the process was started without stdin or it is closed.
        """
        if self._stdin is None or self._stdin.closed:
            raise ValueError(f"{self.name} has no open standard input")
        if not self.alive:
            raise ProcessDiedError(self._tell(f"{self._end_text()}, cannot be told {text!r}"))
        pipe, rest, deadline = self._stdin.fileno(), memoryview(f"{text}\n".encode()), Deadline(WRITE_LIMIT)
        with selectors.PollSelector() as selector:
            selector.register(pipe, selectors.EVENT_WRITE)
            while rest:
                if not selector.select(deadline.remaining):
                    raise DeadlineExceededError(self._tell(f"did not read its input for {WRITE_LIMIT:g} s"))
                try:
                    rest = rest[os.write(pipe, rest) :]
                except BrokenPipeError as error:
                    how = self._end_text() if self._ended.wait(MOMENT) else "closed its standard input"
                    raise ProcessDiedError(self._tell(f"{how}, cannot be told {text!r}")) from error

    def close_stdin(self) -> None:
        """Let the program see the end of its input; nothing happens when it is closed already."""
        if self._stdin is not None:
            self._stdin.close()

    def wait(self, within: float | Deadline) -> int:
        """Wait for the end and return the exit code; every line has been handed to `on_line` by then.

        DeadlineExceededError with the log's tail when it still runs, or a child that holds its stdout.
        """
        deadline = Deadline.of(within)
        if not self._ended.wait(deadline):
            self._raise_line_error()
            raise DeadlineExceededError(self._tell(f"still runs after {deadline.seconds:g} s"))
        if not self._drained.wait(max(MOMENT, deadline.remaining)):
            self._raise_line_error()
            raise DeadlineExceededError(self._tell(f"{self._end_text()}, but its output is still held open"))
        self._raise_line_error()
        return self._code()

    def wait_ready(self, ready: Callable[[], bool], within: float | Deadline, what: str) -> None:
        """Poll `ready` until it is true, once more when the time is up; its exceptions get out.

        ProcessDiedError when the process ends first, ProcessNotReadyError naming `what` when the time is up.
        """
        deadline = Deadline.of(within)
        while True:
            last = deadline.expired
            is_ready = ready()
            if not self.alive:  # also when ready: then somebody else answers in its place
                raise ProcessDiedError(self._tell(f"{self._end_text()} before it was ready ({what})"))
            self._raise_line_error()
            if is_ready:
                return
            if last:
                raise ProcessNotReadyError(self._tell(f"not ready within {deadline.seconds:g} s: {what}"))
            self._ended.wait(min(0.01, deadline.remaining))

    def require_alive(self, since: str = "") -> None:
        """ProcessDiedError unless the very process still runs; `since` says when it was last known to."""
        if not self.alive:
            raise ProcessDiedError(self._tell(f"{self._end_text()}{since and f' since {since}'}"))
        self._raise_line_error()

    def pause(self) -> None:
        """SIGSTOP for the whole tree; returns when all of it stands still. VoidError when it does not."""
        # Parents first, one by one. One that stands still starts no more children; and one that waits in
        # vfork() for its child to exec cannot be stopped before: never, if the child were stopped there.
        self._signal_tree(signal.SIGSTOP, lambda member: status_of(member) != psutil.STATUS_STOPPED, 1, "pause")

    def resume(self) -> None:
        """SIGCONT for the whole tree; returns when all of it goes on. Nothing happens after stop()."""
        if not self._stopped:
            self._signal_tree(signal.SIGCONT, lambda member: status_of(member) == psutil.STATUS_STOPPED, None, "go on")

    def terminate(self) -> None:
        """TERM to the program, once, and back at once; wait() tells what became of it. Paused processes are resumed first."""
        if not self._stopped:
            self._ask_to_end()

    def stop(self, grace: float = 2.0) -> int:
        """TERM, up to `grace` seconds to end, then KILL what is left of the tree; the exit code.

        Paused processes are resumed first. Descendants are found wherever they went: into another group or
        session, or orphaned. ProcessError names what could not be ended. Stopping again just returns the
        code again.
        """
        code = self._end(grace)
        self._raise_line_error()
        return code

    def children(self) -> list[psutil.Process]:
        """Living descendants at any depth."""
        return self._the_tree().descendants()

    def tree_pids(self) -> set[int]:
        """The process, while it lives, and its living descendants."""
        return ({self.pid} if self.alive else set()) | {child.pid for child in self.children()}

    def logged(self) -> str:
        """All that was logged since this start."""
        return text_since(self.log, self._log_begin)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that were logged since this start."""
        return tail_since(self.log, self._log_begin, lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # The two threads

    def _keep(self, env: Mapping[str, str] | None, cwd: Path | None, stdin: bool) -> None:
        mark = f"PLAINWIRE_TREE_{secrets.token_hex(8)}"
        try:
            with self.log.open("ab", buffering=0) as log:
                self._log_begin = log.seek(0, os.SEEK_END)
                self.started_at = time.monotonic()
                popen = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if self._on_line else log,
                    stderr=log,
                    env={**os.environ, **(env or {}), **owned(), mark: "1"},
                    cwd=cwd,
                    start_new_session=True,
                    close_fds=True,
                )
        except (OSError, ValueError, TypeError, subprocess.SubprocessError) as error:
            self._start_error = error
            self._spawned.open()
            return
        self.pid, self._stdin, self._tree = popen.pid, popen.stdin, ProcessTree(popen.pid, mark)
        _started[self] = None
        if popen.stdin is not None:
            os.set_blocking(popen.stdin.fileno(), False)
        if popen.stdout is not None and self._on_line is not None:
            arguments = (popen.stdout, self._on_line)
            threading.Thread(target=self._read, args=arguments, name=f"{self.name} reader", daemon=True).start()
        else:
            self._drained.open()
        self._spawned.open()
        code = popen.wait()
        self.ended_at = time.monotonic()
        self._returncode = code
        self._ended.open()

    def _read(self, stdout: IO[bytes], on_line: Callable[[str], None]) -> None:
        def hand_over(raw: bytes) -> None:
            on_line(raw.removesuffix(b"\n").decode("utf-8", "replace"))

        # Whatever fails, reading goes on: a full pipe would stop the program.
        takers: list[Callable[[bytes], object]] = [len, self._append_to_log, hand_over]
        try:
            with stdout:
                for raw in stdout:
                    try:
                        takers[-1](raw)
                    except BaseException as error:  # noqa: BLE001 - the owner gets it, at the next call
                        takers.pop()
                        self._keep_line_error(error)
        finally:
            self._drained.open()

    def _append_to_log(self, raw: bytes) -> None:
        with self.log.open("ab", buffering=0) as log:
            log.write(raw)

    def _keep_line_error(self, error: BaseException) -> None:
        """For the owner's next call: nobody sees an exception in the reader's thread."""
        if self._line_error is None:
            self._line_error = error
        else:
            self._line_error.add_note(f"and then {type(error).__name__}: {error}")

    # The end

    def _ask_to_end(self) -> bool:
        """Resume all and TERM the program, once; whether anything of the tree was alive."""
        family = self._the_tree().family()
        for member in family:
            if status_of(member) == psutil.STATUS_STOPPED:
                send(member, signal.SIGCONT)
        if self.alive and not self._asked:
            send(self._the_tree().leader, signal.SIGTERM)
        self._asked = True  # a second TERM means "at once" to some programs
        return bool(family)

    def _end(self, grace: float) -> int:
        if self._stopped:
            return self._code()
        deadline = Deadline(grace)
        self._ask_to_end()
        in_time = self._ended.wait(deadline)
        left = self._the_tree().family()
        if in_time:  # what it left behind is asked too, and has the rest of the grace
            for orphan in left:
                send(orphan, signal.SIGTERM)
            while any(map(living, left)) and not deadline.expired:
                time.sleep(POLL)
        self._kill(left)
        self.close_stdin()
        drained = self._drained.wait(LIMIT)
        self._stopped = True
        _started.pop(self, None)
        if not drained:
            raise ProcessError(self._tell("has ended, but the reader of its output has not: on_line does not return"))
        return self._code()

    def _kill(self, left: list[psutil.Process]) -> None:
        deadline = Deadline(LIMIT)
        while left:
            if deadline.expired:
                raise ProcessError(self._tell(f"cannot be ended, still there: {pids_of(left)}"))
            for member in left:
                send(member, signal.SIGKILL)
            time.sleep(POLL)
            left = self._the_tree().family()
        if not self._ended.wait(LIMIT):
            raise ProcessError(self._tell("has ended, but its exit code does not arrive"))

    def _signal_tree(
        self, number: signal.Signals, needs: Callable[[psutil.Process], bool], at_once: int | None, what: str
    ) -> None:
        """Signal those who need it, `at_once` at a time (None: all), until nobody does."""
        tree, deadline = self._the_tree(), Deadline(LIMIT)
        while left := [member for member in (tree.leader, *tree.descendants()) if living(member) and needs(member)]:
            if deadline.expired:
                raise VoidError(self._tell(f"did not {what} within {LIMIT:g} s: {pids_of(left)}"))
            for member in left[:at_once]:
                send(member, number)
            time.sleep(POLL)
        if not living(tree.leader):
            self._ended.wait(LIMIT)
            raise ProcessDiedError(self._tell(f"{self._end_text()}, cannot {what}"))

    # Words

    def _tell(self, what: str) -> str:
        tail = self.log_tail()
        shown = f"last lines of {self.log}:\n{tail}" if tail else f"nothing in {self.log}"
        return f"{self.name} (pid {self.pid}) {what}; {shown}"

    def _end_text(self) -> str:
        code = self._code()
        if code >= 0:
            return f"ended with exit code {code}"
        known = {number.value: number.name for number in signal.Signals}
        return f"was ended by {known.get(-code, f'signal {-code}')}"

    def _code(self) -> int:
        assert self._returncode is not None, "only an ended process has an exit code"
        return self._returncode

    def _the_tree(self) -> ProcessTree:
        assert self._tree is not None, "start() hands out spawned processes only"
        return self._tree

    def _raise_line_error(self) -> None:
        error, self._line_error = self._line_error, None
        if error is not None:
            raise error


_started: dict[ManagedProcess, None] = {}


def stop_all() -> list[str]:
    """Stop every process that was started and not stopped; the names of those of which something still ran.

    All are asked to end before the first is awaited. ProcessError after the last, telling what went wrong.
    """
    processes = list(_started)[::-1]
    names = [process.name for process in processes if process._ask_to_end()]
    errors: list[BaseException] = []
    for process in processes:
        try:
            process._end(GRACE)
        except ProcessError as error:
            errors.append(error)
        if process._line_error is not None:
            errors.append(process._line_error)
    if errors:
        raise ProcessError("; ".join(f"{type(error).__name__}: {error}" for error in errors)) from errors[0]
    return names
