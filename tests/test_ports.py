import errno
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.kit import ports as module
from support.kit.deadline import Deadline
from support.kit.errors import InfrastructureError
from support.kit.ports import FIRST, LAST, NoPortError, PortLease, lease_port

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ports"


@pytest.fixture
def free() -> int:
    """A port of the range that was free a moment ago."""
    with lease_port() as lease:
        return lease.port


def names_no_other(caught: pytest.ExceptionInfo[NoPortError], tried: int, leased: int, used: int) -> None:
    text = f"no free port: of {tried}, {leased} are leased by runs, {used} are in use otherwise"
    assert str(caught.value) == text


def test_a_lease_is_a_port_below_the_ephemeral_ones_that_can_be_bound() -> None:
    with lease_port() as lease:
        assert FIRST == 20000 <= lease.port <= LAST == 29999
        for host in ("127.0.0.1", "0.0.0.0"):
            with socket.socket() as server:
                server.bind((host, lease.port))
                server.listen()


def test_leases_do_not_meet() -> None:
    leases = [lease_port() for _ in range(50)]
    assert len({lease.port for lease in leases}) == 50
    for lease in leases:
        lease.release()


def test_every_port_of_the_range_is_a_candidate_once() -> None:
    first, second = list(module._candidates()), list(module._candidates())
    assert sorted(first) == sorted(second) == list(range(FIRST, LAST + 1))


def test_a_leased_port_is_not_leased_again_until_it_is_released(folder: Path, free: int) -> None:
    lease = module._lease([free], folder)
    with pytest.raises(NoPortError) as caught:
        module._lease([free], folder)
    names_no_other(caught, 1, 1, 0)
    assert isinstance(caught.value, InfrastructureError)
    lease.release()
    lease.release()
    module._lease([free], folder).release()


def test_the_next_candidate_is_taken_instead(folder: Path, free: int) -> None:
    other = free + 1 if free < LAST else free - 1
    with module._lease([free], folder), module._lease([free, other], folder) as second:
        assert second.port == other


def test_another_run_sees_the_lease(free: int, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from support.kit.ports import _lease\n"
        "_lease([int(sys.argv[1])], Path(sys.argv[2])); print('leased', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(free), str(folder)]
    with module._lease([free], folder):
        refused = subprocess.run(argv, cwd=ROOT, input="", capture_output=True, text=True, timeout=60)
        assert "1 are leased by runs" in refused.stderr
    other = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "leased\n"
        with pytest.raises(NoPortError):
            module._lease([free], folder)
        other.send_signal(signal.SIGKILL)
        other.wait(60)
        # What a killed run leaves behind is a file without a lock.
        assert (folder / f"{free}.lock").exists()
        module._lease([free], folder).release()
    assert not folder.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "127.0.0.2"])
def test_a_port_that_somebody_uses_is_left_out(folder: Path, free: int, host: str) -> None:
    if host == "127.0.0.2" and sys.platform != "linux":
        pytest.skip("has one loopback address only")
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, free))
        server.listen()
        with pytest.raises(NoPortError) as caught:
            module._lease([free], folder)
        names_no_other(caught, 1, 0, 1)
    assert not folder.exists()


def test_an_error_other_than_a_port_in_use_gets_out_and_holds_nothing(folder: Path) -> None:
    with pytest.raises(OverflowError):
        module._lease([65536], folder)
    assert not folder.exists()
    with pytest.raises(OSError, match="assign") as caught:
        module._bindable("203.0.113.1", 20000)  # RFC 5737: nobody's address
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_a_released_lease_leaves_no_file_and_the_last_no_folder(folder: Path, free: int) -> None:
    other = free + 1 if free < LAST else free - 1
    first, second = module._lease([free], folder), module._lease([other], folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    first.release()
    assert [path.name for path in folder.iterdir()] == [f"{other}.lock"]
    second.release()
    assert not folder.exists()


def test_a_lease_whose_file_was_swept_can_be_released(folder: Path, free: int) -> None:
    lease = module._lease([free], folder)
    (folder / f"{free}.lock").unlink()
    folder.rmdir()
    lease.release()


def test_a_folder_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    with pytest.raises(NotADirectoryError):
        module._remove_if_empty(plain)


def test_descriptors_do_not_leak_and_are_not_inherited(folder: Path, free: int) -> None:
    before = os.listdir("/dev/fd")
    lease = module._lease([free], folder)
    assert lease._lock is not None
    assert not os.get_inheritable(lease._lock)
    with pytest.raises(NoPortError):
        module._lease([free], folder)
    lease.release()
    assert os.listdir("/dev/fd") == before


def test_a_lock_on_a_file_that_was_removed_or_replaced_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "1.lock"
    path.write_text("")
    with path.open() as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        assert module._is_at(opened.fileno(), path)
        path.unlink()
        assert not module._is_at(opened.fileno(), path)
        path.write_text("")
        assert not module._is_at(opened.fileno(), path)


def test_no_two_hold_a_port_at_a_time_however_they_hurry(folder: Path) -> None:
    path = folder / "1.lock"
    holders: list[int] = []
    seen: list[list[int]] = []
    taken = 0
    deadline = Deadline(0.3)

    def hurry(number: int) -> None:
        nonlocal taken
        while not deadline.expired:
            lock = module._lock(path)
            if lock is None:
                continue
            holders.append(number)
            if len(holders) > 1:
                seen.append(list(holders))
            taken += 1
            holders.remove(number)
            PortLease(1, lock, path).release()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(hurry, number) for number in range(4)]:
            done.result(60)
    assert seen == []
    assert taken > 10
    assert not folder.exists()


@pytest.fixture(autouse=True)
def nothing_of_ours_is_left() -> Iterator[None]:
    folder = Path(tempfile.gettempdir()) / f"plainwire-ports-{os.getuid()}"
    mine = set(folder.glob("*.lock"))
    yield
    # Other runs may hold ports meanwhile, so only what this process could still hold is looked at.
    held = [os.readlink(f"/proc/self/fd/{name}") for name in open_descriptors()]
    assert [path for path in held if re.search(r"\.lock$", path) and Path(path) not in mine] == []


def open_descriptors() -> list[str]:
    if not Path("/proc/self/fd").exists():
        return []
    return [name for name in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{name}")]
