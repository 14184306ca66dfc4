"""The engine: what is said where none answers, and what runs leave in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from container_parts import Yard, containers_of, networks_of, swept, the_engine_or_skip, yard

from support.kit import engine
from support.kit.at_end import end_everything
from support.kit.network import Network
from support.kit.owner import is_dead, mark_of, my_mark, private_folder

__all__ = ["swept", "yard"]

ROOT = Path(__file__).parents[1]
OTHER_RUN = """
import sys
from pathlib import Path
from support.kit.base_image import base_image
from support.kit.container import Container
from support.kit.engine import the_engine
from support.kit.network import Network
engine = the_engine()
net = Network.create("net")
command = ["python3", "-c", "import time; time.sleep(300)"]
Container.run(base_image(engine).name, name="it", log=Path(sys.argv[1]), command=command, network=net)
print(engine.run, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_run(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another run of the suite, which has a container and a network; and its name."""
    the_engine_or_skip()
    argv = [sys.executable, "-c", OTHER_RUN, str(tmp_path / "log")]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_without_an_engine_the_command_that_starts_one_is_told(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    end_everything()
    monkeypatch.setenv("DOCKER_HOST", host)
    told = engine.missing()
    assert told is not None
    assert told.startswith("no Docker engine answers; as root on Debian this starts one: bash .ci/engine start (")
    with pytest.raises(engine.NoEngineError, match="no Docker engine answers"):
        engine.the_engine()


def test_the_command_that_starts_one_is_there() -> None:
    assert (ROOT / engine.START_IT.split()[1]).is_file()


def test_nobody_who_needs_no_engine_waits_for_the_library_to_load() -> None:
    modules = ("container", "network", "images", "base_image", "engine")
    script = f"import sys; {'; '.join(f'import support.kit.{name}' for name in modules)}; print('docker' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"


def test_one_engine_serves_the_run_and_its_end_leaves_nothing(yard: Yard) -> None:
    assert engine.missing() is None
    assert engine.the_engine() is yard.engine
    yard.resources.pop_all()  # forgotten by the scenario
    forgotten = yard.python("import time; time.sleep(300)", network=Network.create("net"))
    yard.resources.pop_all()
    assert containers_of(yard.engine, yard.engine.run) == [f"/{forgotten.full_name}"]
    end_everything()
    fresh = engine.the_engine()
    assert fresh is not yard.engine
    assert containers_of(fresh, yard.engine.run) == []
    assert networks_of(fresh, yard.engine.run) == []


def test_a_killed_runs_things_go_when_the_next_begins_and_a_living_ones_stay(
    other_run: tuple[subprocess.Popen[str], str],
) -> None:
    process, run = other_run
    end_everything()
    next_one = engine.the_engine()
    assert (len(containers_of(next_one, run)), len(networks_of(next_one, run))) == (1, 1)
    process.kill()
    process.wait()
    assert (len(containers_of(next_one, run)), len(networks_of(next_one, run))) == (1, 1), "nobody was there to end them"
    end_everything()
    next_but_one = engine.the_engine()
    assert (containers_of(next_but_one, run), networks_of(next_but_one, run)) == ([], [])


def test_what_has_our_label_but_no_owner_stays(yard: Yard) -> None:
    labels = {engine.RUN_LABEL: "by-hand", engine.OWNER_LABEL: "somebody"}
    made = yard.engine.api.create_network(yard.engine.name("by-hand"), labels=labels)
    yard.resources.callback(yard.engine.remove_network, made["Id"])
    yard.engine.sweep_dead()
    assert len(networks_of(yard.engine, "by-hand")) == 1


def test_sweeping_goes_on_after_what_cannot_be_removed_and_tells_it(yard: Yard) -> None:
    stays, goes = (yard.resources.enter_context(Network.create(name)) for name in ("stays", "goes"))
    api = yard.engine.api
    strange = api.create_container(
        yard.image, ["sleep", "60"], name=yard.engine.name("strange"), networking_config=stays.endpoint(None)
    )
    yard.resources.callback(yard.engine.remove_container, strange["Id"])
    api.start(strange["Id"])
    with pytest.raises(engine.EngineError, match="cannot remove the network"):
        yard.engine.sweep_ours()
    assert networks_of(yard.engine, yard.engine.run) == [stays.name]
    assert goes.name != stays.name


# --- owners


def test_this_process_is_alive_and_one_that_has_ended_is_dead() -> None:
    assert not is_dead(my_mark())
    with subprocess.Popen(["sleep", "60"]) as child:
        mark = mark_of(child.pid)
        assert not is_dead(mark)
        child.kill()
        psutil.wait_procs([psutil.Process(child.pid)], timeout=0)
        while psutil.pid_exists(child.pid) and psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            os.sched_yield()
        assert is_dead(mark), "a zombie owns nothing"
    assert is_dead(mark)


def test_a_number_that_was_given_away_again_is_not_taken_for_the_owner() -> None:
    table, pid, began = my_mark().split("_")
    assert is_dead(f"{table}_{pid}_{int(began) - 3600}")


@pytest.mark.parametrize("mark", ["", "x", "another-machine_1_1", "_1_1", "1_2"])
def test_of_others_nothing_is_known(mark: str) -> None:
    assert not is_dead(mark)


def test_folders_of_dead_processes_go_and_others_stay(tmp_path: Path) -> None:
    table, pid, began = my_mark().split("_")
    dead = tmp_path / f"plainwire-work-{os.getuid()}+{table}_{pid}_{int(began) - 3600}+x_y"
    strange = tmp_path / f"plainwire-work-{os.getuid()}+strange"
    for folder in (dead, strange):
        (folder / "deep").mkdir(parents=True)
    mine = private_folder(tmp_path, "work")
    also_mine = private_folder(tmp_path, "work")
    assert sorted(tmp_path.iterdir()) == sorted([strange, mine, also_mine])
    assert mine.stat().st_mode & 0o777 == 0o700
