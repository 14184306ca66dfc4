"""Programs of a profile's `control`."""

import sys

import psutil
import pytest

from support.kit.control import ControlError, ControlProgram
from support.kit.process import stop_all


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def test_what_it_prints_is_logged(tmp_path):
    log = tmp_path / "control.log"
    log.write_text("before\n")
    ControlProgram("stop", python("import sys; print('one', flush=True); print('two', file=sys.stderr)"), log).end()
    assert log.read_text() == "before\none\ntwo\n"


def test_a_bad_end_is_an_error_with_its_log(tmp_path):
    program = ControlProgram("start", python("import sys; sys.exit('no such service')"), tmp_path / "log")
    with pytest.raises(ControlError, match=r"(?s)^control\.start ended with exit code 1; .*no such service$"):
        program.end()


def test_one_that_does_not_end_is_ended(tmp_path):
    program = ControlProgram("restart", python("import time; time.sleep(300)"), tmp_path / "log")
    with pytest.raises(ControlError, match=r"^control\.restart still ran after 0\.2 s and was ended; nothing in "):
        program.end(0.2)


@pytest.mark.parametrize("argv", [None, []])
def test_none_at_all_is_an_error(tmp_path, argv):
    with pytest.raises(ControlError, match=r"^the profile's control has no stop$"):
        ControlProgram("stop", argv, tmp_path / "log")


def test_one_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(ControlError, match=r"^control\.stop cannot start 'no-such-program': "):
        ControlProgram("stop", ["no-such-program"], tmp_path / "log")


def test_what_it_leaves_behind_is_not_ended_with_it(tmp_path):
    pid_file = tmp_path / "pid"
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)']);"
        f"open({str(pid_file)!r}, 'w').write(str(child.pid))"
    )
    ControlProgram("start", python(code), tmp_path / "log").end()
    service = psutil.Process(int(pid_file.read_text()))
    try:
        stop_all()  # what this process has started and not stopped yet, whatever other tests have left
        assert service.is_running()
        assert service.status() != psutil.STATUS_ZOMBIE
    finally:
        service.kill()
