import os
import random
import re
import signal
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from alarms import AlarmError, alarm

from support.kit import process as module
from support.kit.deadline import eventually, steadily
from support.kit.errors import DeadlineExceededError, InfrastructureError, VoidError
from support.kit.process import (
    ManagedProcess,
    ProcessDiedError,
    ProcessError,
    ProcessNotReadyError,
    ProcessStartError,
    stop_all,
)

LONG = 30.0  # seconds that only a broken machine needs
Start = Callable[..., ManagedProcess]


def python(code: str) -> list[str]:
    """A program of a few lines. No site packages: it starts faster."""
    return [sys.executable, "-I", "-S", "-c", textwrap.dedent(code)]


IGNORES_TERM = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("up", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    assert stop_all() == []
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert left == []


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "program.log"


@pytest.fixture
def start(log: Path) -> Iterator[Start]:
    started: list[ManagedProcess] = []

    def begin(argv: list[str], **options: object) -> ManagedProcess:
        process = ManagedProcess.start(argv, name="program", log=log, **options)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.stop(0.0)


def says(log: Path, text: str) -> None:
    eventually(log.read_text, lambda seen: text in seen, LONG, f"the log says {text!r}")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return True


def number_in(log: Path, word: str) -> int:
    """The number that the program logged after a word."""
    found = eventually(lambda: re.search(rf"{word} (\d+)\n", log.read_text()), bool, LONG, f"{word} is told")
    assert found is not None
    return int(found[1])


# Start


def test_stdout_and_stderr_are_appended_to_the_log(start: Start, log: Path) -> None:
    log.write_text("before\n")
    process = start(["sh", "-c", "echo out; echo err >&2"])
    assert process.wait(LONG) == 0
    assert log.read_text() == "before\nout\nerr\n"


def test_a_process_is_described(start: Start, log: Path) -> None:
    before = time.monotonic()
    process = start(["sleep", "600"])
    assert before <= process.started_at <= time.monotonic()
    assert (process.name, process.argv, process.log) == ("program", ("sleep", "600"), log)
    # The system shows the new command a moment after the exec.
    eventually(psutil.Process(process.pid).cmdline, lambda seen: seen == ["sleep", "600"], LONG, "it runs")
    assert (process.alive, process.returncode) == (True, None)
    assert os.getsid(process.pid) == process.pid


def test_the_environment_is_added_to_and_the_folder_is_used(
    start: Start, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("REPLACED", "old")
    process = start(["sh", "-c", 'echo "$KEPT $REPLACED"; pwd -P'], env={"REPLACED": "new"}, cwd=tmp_path)
    assert process.wait(LONG) == 0
    assert log.read_text() == f"kept new\n{tmp_path.resolve()}\n"


def test_a_program_that_does_not_exist_is_named(start: Start) -> None:
    with pytest.raises(ProcessStartError, match=r"program: cannot start 'no-such-hub': .*No such file"):
        start(["no-such-hub", "--help"])
    assert issubclass(ProcessStartError, ProcessError)
    assert issubclass(ProcessError, InfrastructureError)


def test_a_file_that_is_no_program_is_named(start: Start, tmp_path: Path) -> None:
    plain = tmp_path / "hub.txt"
    plain.write_text("not a program")
    with pytest.raises(ProcessStartError, match=r"hub\.txt.*Permission denied"):
        start([str(plain)])
    plain.chmod(0o755)
    with pytest.raises(ProcessStartError, match=r"hub\.txt.*Exec format error"):
        start([str(plain)])


def test_a_missing_folder_is_named(tmp_path: Path, start: Start) -> None:
    with pytest.raises(ProcessStartError, match="nowhere"):
        start(["true"], cwd=tmp_path / "nowhere")
    with pytest.raises(ProcessStartError, match="void"):
        ManagedProcess.start(["true"], name="program", log=tmp_path / "void" / "x.log")


def test_an_argument_that_no_program_can_get_is_an_error_of_the_start(start: Start) -> None:
    with pytest.raises(ProcessStartError, match="null byte"):
        start(["true", "a\0b"])


def test_nothing_is_no_program(start: Start) -> None:
    with pytest.raises(ValueError, match="no program to start"):
        start([])


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.05)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # opening it as a log lasts until somebody reads
    with pytest.raises(ProcessStartError, match=r"not spawned within 0\.05 s"):
        ManagedProcess.start(["true"], name="program", log=fifo)
    release(fifo)


def release(fifo: Path) -> None:
    """Let the start that hangs on the fifo fail, and wait until its thread is gone."""
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    eventually(
        lambda: [thread for thread in threading.enumerate() if thread.name == "program keeper"],
        lambda threads: not threads,
        LONG,
        "the thread ends",
    )
    os.close(reader)


def test_a_program_gets_no_descriptor_but_the_three(start: Start, log: Path) -> None:
    with socket.socket() as inheritable:
        inheritable.set_inheritable(True)
        start(python("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")).wait(LONG)
    # The fourth is the listing itself.
    assert log.read_text() == "[0, 1, 2, 3]\n"


def test_descriptors_do_not_leak(log: Path) -> None:
    def use() -> None:
        for _ in range(3):
            with ManagedProcess.start(["cat"], name="a", log=log, stdin=True, on_line=print) as process:
                process.write_line("x")
            ManagedProcess.start(["sleep", "600"], name="b", log=log).stop()
            ended = ManagedProcess.start(["true"], name="c", log=log, on_line=print)
            ended.wait(LONG)
            ended.stop()
            with pytest.raises(ProcessStartError):
                ManagedProcess.start(["no-such-hub"], name="d", log=log, stdin=True, on_line=print)

    use()
    before = sorted(os.listdir("/proc/self/fd"))
    use()
    assert sorted(os.listdir("/proc/self/fd")) == before


# Output and input


def test_lines_are_handed_over_one_by_one_and_all_of_them(start: Start, log: Path) -> None:
    lines: list[str] = []
    process = start(
        python(r"""
        import sys
        sys.stdout.buffer.write("one\n\nK\u00fcche \u706f\r\n".encode() + b"bad \xff byte\nno newline")
        sys.stderr.write("to the log\n")
        """),
        on_line=lines.append,
    )
    assert process.wait(LONG) == 0
    assert lines == ["one", "", "Küche 灯\r", "bad \ufffd byte", "no newline"]
    assert log.read_text() == "to the log\n"


def test_a_line_arrives_while_the_program_runs(start: Start) -> None:
    lines: list[str] = []
    process = start(["sh", "-c", "echo up; exec sleep 600"], on_line=lines.append)
    process.wait_ready(lambda: lines == ["up"], LONG, "it says up")
    process.require_alive()


FLOOD = """
    import sys
    for _ in range(64):
        sys.stdout.write("o" * 65536 + {end!r})
        sys.stderr.write("e" * 65536 + {end!r})
"""


@pytest.mark.parametrize("end", ["\n", ""])
def test_megabytes_to_the_log_block_nothing(start: Start, log: Path, end: str) -> None:
    process = start(python(FLOOD.format(end=end)))
    assert process.wait(LONG) == 0
    assert log.stat().st_size == 2 * 64 * (65536 + len(end))
    assert len(process.log_tail()) <= 65536


@pytest.mark.parametrize("end", ["\n", ""])
def test_megabytes_of_lines_block_nothing(start: Start, log: Path, end: str) -> None:
    sizes: list[int] = []
    process = start(python(FLOOD.format(end=end)), on_line=lambda line: sizes.append(len(line)))
    assert process.wait(LONG) == 0
    assert sizes == ([65536] * 64 if end else [64 * 65536])
    assert log.stat().st_size == 64 * (65536 + len(end))


def refuse(line: str) -> None:
    raise KeyError(f"no such field in {line[:20]!r}")


def test_megabytes_of_lines_block_nothing_when_the_handler_fails(start: Start, log: Path) -> None:
    process = start(python(FLOOD.format(end="\n")), on_line=refuse)
    with pytest.raises(KeyError):
        process.wait(LONG)
    assert process.wait(LONG) == 0
    # All of stderr, and the lines of stdout after the first.
    assert log.stat().st_size == (64 + 63) * 65537


def test_what_the_line_handler_raises_gets_out_once(start: Start, log: Path) -> None:
    def failing() -> ManagedProcess:
        process = start(["sh", "-c", "echo bad; echo after; exec sleep 600"], on_line=refuse)
        says(log, "after")
        log.write_text("")
        return process

    process = failing()
    with pytest.raises(KeyError, match="no such field in 'bad'"):
        process.require_alive()
    process.require_alive()
    assert process.stop() == -signal.SIGTERM

    process = failing()
    with pytest.raises(KeyError):
        process.wait(0.05)
    process.stop()

    process = failing()
    with pytest.raises(KeyError):
        process.wait_ready(lambda: True, LONG, "never asked")
    process.stop()

    process = failing()
    with pytest.raises(KeyError):
        process.stop()
    assert not process.alive
    assert process.stop() == -signal.SIGTERM


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a log on a full disk")
def test_a_handler_and_a_log_that_both_fail_block_nothing() -> None:
    argv = ["sh", "-c", "seq 1 100000; exit 3"]
    process = ManagedProcess.start(argv, name="program", log=Path("/dev/full"), on_line=refuse)
    with pytest.raises(KeyError) as caught:
        process.wait(LONG)
    assert process.stop() == 3
    assert "No space left" in caught.value.__notes__[0]
    assert len(caught.value.__notes__) == 1


def test_wait_tells_when_a_child_holds_the_output(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOMENT", 0.1)
    process = start(["sh", "-c", "sleep 600 & exit 4"], on_line=print)
    with pytest.raises(DeadlineExceededError, match="ended with exit code 4, but its output is still held"):
        process.wait(0.3)
    assert process.stop() == 4


def test_lines_are_written_and_the_end_of_input_is_seen(start: Start, log: Path) -> None:
    process = start(["cat"], stdin=True)
    process.write_line("eins")
    says(log, "eins\n")
    process.write_line("zwei ü")
    process.close_stdin()
    process.close_stdin()
    assert process.wait(LONG) == 0
    assert log.read_text() == "eins\nzwei ü\n"
    with pytest.raises(ValueError, match="no open standard input"):
        process.write_line("drei")


def test_a_line_longer_than_the_pipe_arrives_whole(start: Start) -> None:
    lines: list[str] = []
    process = start(["cat"], stdin=True, on_line=lines.append)
    process.write_line("x" * 1_000_000)
    process.close_stdin()
    process.wait(LONG)
    assert [len(line) for line in lines] == [1_000_000]


def test_without_stdin_the_input_is_empty(start: Start) -> None:
    process = start(["cat"])
    assert process.wait(LONG) == 0
    with pytest.raises(ValueError, match="no open standard input"):
        process.write_line("x")
    process.close_stdin()


def test_writing_to_a_process_that_ended_tells_how_it_ended(start: Start) -> None:
    process = start(["sh", "-c", "read line; echo last words; exit 9"], stdin=True)
    process.write_line("go")
    process.wait(LONG)
    with pytest.raises(ProcessDiedError, match=r"ended with exit code 9, cannot be told 'again'(.|\n)*last words"):
        process.write_line("again")


def test_writing_to_a_process_that_ends_meanwhile_tells_how_it_ended(start: Start) -> None:
    process = start(["sh", "-c", "sleep 0.2; exit 9"], stdin=True)
    with pytest.raises(ProcessDiedError, match="exit code 9"):
        process.write_line("x" * 1_000_000)


def test_writing_to_a_process_that_closed_its_input_says_so(start: Start, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOMENT", 0.1)
    process = start(["sh", "-c", "exec <&-; echo closed; exec sleep 600"], stdin=True)
    says(log, "closed")
    with pytest.raises(ProcessDiedError, match="closed its standard input, cannot be told 'x'"):
        process.write_line("x")
    process.require_alive()


def test_writing_to_a_process_that_does_not_read_has_a_limit(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_LIMIT", 0.2)
    process = start(["sleep", "600"], stdin=True)
    with pytest.raises(DeadlineExceededError, match=r"did not read its input for 0\.2 s"):
        process.write_line("x" * 1_000_000)


# Waiting


@pytest.mark.parametrize(
    ("ending", "code", "text"),
    [
        ("exit 3", 3, "ended with exit code 3"),
        ("kill -SEGV $$", -signal.SIGSEGV, "was ended by SIGSEGV"),
        ("kill -40 $$", -40, "was ended by signal 40"),
    ],
)
def test_the_end_is_told_with_code_or_signal_and_the_logs_tail(
    start: Start, log: Path, ending: str, code: int, text: str
) -> None:
    process = start(["sh", "-c", f"seq 1 50 >&2; {ending}"])
    assert process.wait(LONG) == process.returncode == code
    assert not process.alive
    with pytest.raises(ProcessDiedError) as caught:
        process.require_alive("the scenario began")
    expected = f"program (pid {process.pid}) {text} since the scenario began; last lines of {log}:\n31\n32\n"
    assert str(caught.value).startswith(expected)
    assert str(caught.value).endswith("\n49\n50")


def test_require_alive_passes_while_the_process_runs(start: Start) -> None:
    process = start(["sleep", "600"])
    process.require_alive()
    process.stop()
    with pytest.raises(ProcessDiedError, match=r"was ended by SIGTERM; nothing in .*program\.log"):
        process.require_alive()


def test_wait_is_limited_and_tells_the_logs_tail(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "echo working; exec sleep 600"])
    says(log, "working")
    began = time.monotonic()
    with pytest.raises(DeadlineExceededError, match=r"still runs after 0\.1 s; last lines of .*\nworking"):
        process.wait(0.1)
    assert time.monotonic() - began >= 0.1


def test_wait_ends_with_the_process(start: Start) -> None:
    process = start(["sleep", "0.2"])
    began = time.monotonic()
    assert process.wait(600) == 0
    assert time.monotonic() - began < LONG


def test_the_tail_is_of_this_start_only(start: Start, log: Path) -> None:
    start(["sh", "-c", "echo first"]).wait(LONG)
    second = start(["sh", "-c", "seq 1 5"])
    second.wait(LONG)
    assert second.log_tail() == "1\n2\n3\n4\n5"
    assert second.log_tail(2) == "4\n5"
    log.unlink()
    assert "No such file" in second.log_tail()


def test_wait_ready_polls_until_it_is_ready(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "sleep 0.1; echo up; exec sleep 600"])
    process.wait_ready(lambda: "up" in log.read_text(), LONG, "it says up")
    assert log.read_text() == "up\n"


def test_wait_ready_tells_that_the_process_ended_first(start: Start) -> None:
    process = start(["sh", "-c", "echo cannot bind >&2; exit 3"])
    began = time.monotonic()
    with pytest.raises(
        ProcessDiedError,
        match=r"ended with exit code 3 before it was ready \(port 1 answers\)(.|\n)*\ncannot bind$",
    ):
        process.wait_ready(lambda: False, 600.0, "port 1 answers")
    assert time.monotonic() - began < LONG


def test_wait_ready_does_not_take_somebody_elses_answer(start: Start) -> None:
    process = start(["true"])
    process.wait(LONG)
    with pytest.raises(ProcessDiedError):
        process.wait_ready(lambda: True, LONG, "the port answers")


def test_wait_ready_tells_what_it_waited_for(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "echo loading; exec sleep 600"])
    says(log, "loading")
    with pytest.raises(ProcessNotReadyError, match=r"not ready within 0\.1 s: port 1 answers; (.|\n)*loading"):
        process.wait_ready(lambda: False, 0.1, "port 1 answers")
    process.require_alive()


def test_wait_ready_asks_once_more_when_the_time_is_up(start: Start) -> None:
    process = start(["sleep", "600"])
    asked: list[int] = []
    process.wait_ready(lambda: asked.append(1) is None, 0.0, "anything")
    assert asked == [1]


def test_wait_ready_lets_exceptions_out(start: Start) -> None:
    process = start(["sleep", "600"])
    with pytest.raises(ZeroDivisionError):
        process.wait_ready(lambda: 1 // 0 == 0, LONG, "anything")


# The tree


def test_the_tree_is_the_process_and_its_descendants(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "sh -c 'sleep 600 & echo grand $!; wait' & echo child $!; wait"])
    child, grand = number_in(log, "child"), number_in(log, "grand")
    assert {one.pid for one in process.children()} == {child, grand}
    assert process.tree_pids() == {process.pid, child, grand}
    process.stop()
    assert (process.children(), process.tree_pids()) == ([], set())
    assert gone(child)
    assert gone(grand)


BEATS = ["sh", "-c", "(while :; do echo child; sleep 0.01; done) & while :; do echo parent; sleep 0.01; done"]


def test_pause_holds_the_whole_tree_and_resume_lets_it_go_on(start: Start, log: Path) -> None:
    process = start(BEATS)
    says(log, "child")
    says(log, "parent")
    process.pause()
    paused = log.read_text()
    steadily(log.read_text, lambda seen: seen == paused, 0.2, "nothing is written")
    assert {psutil.Process(pid).status() for pid in process.tree_pids()} == {psutil.STATUS_STOPPED}
    process.require_alive()
    process.resume()
    for word in ("child", "parent"):
        eventually(log.read_text, lambda seen, word=word: word in seen[len(paused) :], LONG, f"{word} goes on")


def test_a_paused_process_is_stopped_gracefully(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done"])
    says(log, "up")
    process.pause()
    assert process.stop(LONG) == 7
    assert log.read_text() == "up\nbye\n"
    process.resume()


def test_a_process_that_somebody_else_paused_is_stopped_too(start: Start) -> None:
    process = start(["sleep", "600"])
    os.kill(process.pid, signal.SIGSTOP)
    assert process.stop(LONG) == -signal.SIGTERM


def test_a_process_that_ended_cannot_be_paused_or_resumed(start: Start) -> None:
    process = start(["sh", "-c", "exit 3"])
    process.wait(LONG)
    with pytest.raises(ProcessDiedError, match="exit code 3, cannot pause"):
        process.pause()
    with pytest.raises(ProcessDiedError, match="exit code 3, cannot go on"):
        process.resume()


def test_a_pause_that_does_not_take_place_is_void(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(["sleep", "600"])
    with monkeypatch.context() as patch:
        patch.setattr(module, "LIMIT", 0.0)
        with pytest.raises(VoidError, match=rf"did not pause within 0 s: \[{process.pid}\]"):
            process.pause()


def test_a_program_that_starts_children_all_the_time_can_be_paused(start: Start, log: Path) -> None:
    # The shell spends much of its time in vfork(), where it cannot be stopped while its child is.
    process = start(["sh", "-c", "while :; do /bin/true; echo beat; done"])
    says(log, "beat")
    for _ in range(12):
        process.pause()
        paused = log.read_text()
        steadily(log.read_text, lambda seen, paused=paused: seen == paused, 0.01, "nothing is written")
        process.resume()
        eventually(log.read_text, lambda seen, paused=paused: len(seen) > len(paused), LONG, "it goes on")


# Stop


def test_stop_asks_first_and_returns_the_exit_code(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done"])
    says(log, "up")
    assert process.stop(LONG) == 7
    assert process.stop() == 7
    assert log.read_text() == "up\nbye\n"
    assert not process.alive


def test_terminate_asks_once_and_is_back_at_once(start: Start, log: Path) -> None:
    process = start(
        python("""
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True) or time.sleep(0.3) or sys.exit(4))
        print("up", flush=True)
        time.sleep(600)
        """)
    )
    process.wait_ready(lambda: process.logged() == "up\n", LONG, "the program to be up")
    process.terminate()
    assert process.alive
    process.terminate()
    assert process.wait(LONG) == 4
    process.stop()
    process.terminate()
    assert process.logged() == "up\nasked\n"


def test_what_was_logged_is_of_this_start_only(start: Start, log: Path) -> None:
    log.write_text("of another start\n")
    process = start(python("print('of this')"))
    process.wait(LONG)
    assert process.logged() == "of this\n"


def test_stop_returns_the_code_of_a_process_that_ended_before(start: Start) -> None:
    process = start(["sh", "-c", "exit 5"])
    process.wait(LONG)
    assert process.stop() == 5


def test_stop_kills_after_the_grace(start: Start, log: Path) -> None:
    process = start(python(IGNORES_TERM))
    says(log, "up")
    began = time.monotonic()
    assert process.stop(0.3) == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < LONG


def test_leaving_the_context_stops_the_process(log: Path) -> None:
    with ManagedProcess.start(["sleep", "600"], name="program", log=log) as process:
        process.require_alive()
    assert process.returncode == -signal.SIGTERM


def test_stop_finds_a_grandchild_in_another_session(start: Start, log: Path) -> None:
    process = start(["sh", "-c", "setsid sh -c 'echo away $$; exec sleep 600' & wait"])
    away = number_in(log, "away")
    assert os.getsid(away) != process.pid
    process.stop()
    assert gone(away)


ORPHANS = """
    import os, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else signal.SIG_DFL)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("away", os.getpid(), flush=True)
            time.sleep(600)
        os._exit(0)
    os.wait()
    if "stay" in sys.argv:
        time.sleep(600)
    sys.exit(6)
"""


@pytest.mark.parametrize("arguments", [[], ["stay"], ["deaf"], ["deaf", "stay"]])
def test_stop_finds_a_daemon(start: Start, log: Path, arguments: list[str]) -> None:
    process = start([*python(ORPHANS), *arguments])
    away = number_in(log, "away")
    if "stay" not in arguments:
        assert process.wait(LONG) == 6
    eventually(lambda: psutil.Process(away).ppid(), lambda ppid: ppid != process.pid, LONG, "it is an orphan")
    assert away not in process.tree_pids()
    assert not gone(away)
    process.stop(0.2)
    assert gone(away)


def test_an_orphan_is_asked_before_it_is_killed(start: Start, log: Path) -> None:
    process = start(
        [
            "sh",
            "-c",
            "setsid sh -c 'trap \"echo bye; exit\" TERM; echo up; while :; do sleep 0.01; done' & exit 2",
        ]
    )
    says(log, "up")
    assert process.stop(LONG) == 2
    assert "bye\n" in log.read_text()


def test_stop_finds_children_without_the_mark(start: Start, log: Path) -> None:
    # The first runs on in the program's own tree, the second is the child of one that turns into an orphan.
    process = start(["sh", "-c", "setsid env -i sh -c 'sleep 600 & echo away $!; echo up $$; wait' & wait"])
    away, parent = number_in(log, "away"), number_in(log, "up")
    process.stop()
    assert gone(away)
    assert gone(parent)


def test_zombies_are_no_reason_to_wait(start: Start, log: Path) -> None:
    process = start(
        python("""
        import os, time
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        print("zombie", pid, flush=True)
        time.sleep(600)
        """)
    )
    zombie = number_in(log, "zombie")
    eventually(lambda: psutil.Process(zombie).status(), lambda status: status == "zombie", LONG, "a zombie")
    assert process.children() == []
    process.pause()
    process.resume()
    began = time.monotonic()
    assert process.stop(600) == -signal.SIGTERM
    assert time.monotonic() - began < LONG


def test_stop_names_what_cannot_be_ended(start: Start, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(python(IGNORES_TERM))
    says(log, "up")
    with monkeypatch.context() as patch:
        patch.setattr(module, "LIMIT", 0.0)
        patch.setattr(module, "GRACE", 0.0)
        with pytest.raises(ProcessError, match=rf"cannot be ended, still there: \[{process.pid}\]"):
            process.stop(0.0)
        with pytest.raises(ProcessError, match=r"^ProcessError: program .*still there"):
            stop_all()
    assert process.stop(0.0) == -signal.SIGKILL


def test_stop_does_not_wait_for_ever_for_a_line_handler(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.3)
    gate, entered = threading.Event(), threading.Event()

    def block(_: str) -> None:
        entered.set()
        gate.wait(LONG)

    process = start(["sh", "-c", "echo up; exec sleep 600"], on_line=block)
    assert entered.wait(LONG)
    try:
        with pytest.raises(ProcessError, match="on_line does not return"):
            process.stop()
        assert process.stop() == -signal.SIGTERM
    finally:
        gate.set()


def test_stop_all_ends_everything_and_names_what_still_ran(log: Path) -> None:
    ended = ManagedProcess.start(["true"], name="ended", log=log)
    ended.wait(LONG)
    orphaned = ManagedProcess.start(["sh", "-c", "setsid sleep 600 & exit 0"], name="orphaned", log=log)
    orphaned.wait(LONG)
    paused = ManagedProcess.start(["sleep", "600"], name="paused", log=log)
    paused.pause()
    running = ManagedProcess.start(["sleep", "600"], name="running", log=log)
    ManagedProcess.start(["sleep", "600"], name="stopped", log=log).stop()
    assert stop_all() == ["running", "paused", "orphaned"]
    assert [one.returncode for one in (ended, orphaned, paused, running)] == [0, 0, -15, -15]
    assert stop_all() == []


def test_stop_all_ends_the_rest_before_it_tells_an_error(log: Path) -> None:
    first = ManagedProcess.start(["sleep", "600"], name="first", log=log)
    ManagedProcess.start(["sh", "-c", "echo bad; echo after; exec sleep 600"], name="bad", log=log, on_line=refuse)
    says(log, "after")
    with pytest.raises(ProcessError, match=r"KeyError: .*no such field") as caught:
        stop_all()
    assert isinstance(caught.value.__cause__, KeyError)
    assert first.returncode == -signal.SIGTERM
    assert stop_all() == []


# Alarms


def test_waits_are_left_at_once_by_an_alarm(start: Start) -> None:
    process = start(["sleep", "600"], stdin=True)
    waits: list[Callable[[], object]] = [
        lambda: process.wait(600),
        lambda: process.wait_ready(lambda: False, 600, "never"),
        lambda: process.write_line("x" * 1_000_000),
    ]
    for wait in waits:
        began = time.monotonic()
        with pytest.raises(AlarmError), alarm(0.1):
            wait()
        assert time.monotonic() - began < 5
    process.require_alive()


def test_a_stop_that_an_alarm_interrupts_can_be_repeated(start: Start, log: Path) -> None:
    process = start(python(IGNORES_TERM))
    says(log, "up")
    with pytest.raises(AlarmError), alarm(0.2):
        process.stop(600)
    process.require_alive()
    assert process.stop(0.0) == -signal.SIGKILL


def test_an_alarm_during_a_start_gets_out_when_nothing_was_born(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.3)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(AlarmError), alarm(0.1):
        ManagedProcess.start(["true"], name="program", log=fifo)
    release(fifo)


def idle_after(act: Callable[[], object]) -> None:
    act()
    time.sleep(1.0)  # until the alarm rings


def test_an_alarm_at_any_moment_of_a_start_gets_out_and_leaves_no_process(log: Path) -> None:
    interrupted = 0
    for _ in range(60):
        born: list[ManagedProcess] = []
        with pytest.raises(AlarmError), alarm(random.uniform(0.00005, 0.001)):
            idle_after(lambda born=born: born.append(ManagedProcess.start(["sleep", "600"], name="program", log=log)))
        for process in born:
            process.stop(0.0)
        interrupted += not born
        assert list(module._started) == []
    assert interrupted > 0


def test_an_alarm_at_any_moment_of_a_stop_gets_out_and_the_stop_can_be_repeated(log: Path) -> None:
    for _ in range(40):
        process = ManagedProcess.start(["sleep", "600"], name="program", log=log)
        with pytest.raises(AlarmError), alarm(random.uniform(0.00005, 0.003)):
            idle_after(process.stop)
        assert process.stop() == -signal.SIGTERM
