"""The reference node as a process, and a power board behind a PTY. For tests of the program; the suite has drivers of its own."""

import asyncio
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from support.kit.ports import lease_port

ROOT = Path(__file__).resolve().parents[1]
NODE = (sys.executable, "-m", "support.peers.reference.node")
EMULATOR = (sys.executable, "-m", "support.peers.reference.emulator")
FAST = (
    "--discovery-interval=0.5",
    "--allocation-interval=0.4",
    "--shortest-heartbeat=1",
    "--status-interval=0.15",
    "--set-config=loadsharing_heartbeat_timeout=1",
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def eventually(seen: Callable[[], object], promised: object, seconds: float = 8.0) -> None:
    """Wait until what is seen is what was promised."""
    end = time.monotonic() + seconds
    while (found := seen()) != promised:
        assert time.monotonic() < end, f"promised {promised}, seen {found}"
        time.sleep(0.02)


class Node:
    """A node in a folder of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.flags = flags
        self._lease = lease_port()  # where runs have their chargers: those of a run beside this one know that it is not theirs
        self.port = self._lease.port
        self.start()

    def start(self) -> None:
        """Start it, at the port where it was before."""
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [*NODE, f"--set-config=www_http_port={self.port}", *self.flags],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        first = self.process.stdout.readline()
        assert first, self.log()
        self.ready = json.loads(first)
        self.port = self.ready["port"]
        self.id = self.ready["id"]
        self.host = f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """The code and what the JSON means. `body`: bytes as they are, else as JSON."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(f"http://{self.host}{path}", data, method=method), timeout=5) as response:
                return response.status, json.loads(response.read())
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path: str):
        code, body = self.ask("GET", path)
        assert code == 200, body
        return body

    def add(self, other: "Node", **more: object) -> None:
        assert self.ask("POST", "/loadsharing/peers", {"host": other.host, **more}) == (200, {"msg": "done"})

    def configure(self, **values: object) -> None:
        answer = self.ask("POST", "/config", {f"loadsharing_{name}": value for name, value in values.items()})
        assert answer[0] == 200, answer

    def entry(self, known_id: str) -> dict[str, object] | None:
        """Another's entry in the list. Nodes of other runs may be there, too."""
        found = [one for one in self.get("/loadsharing/peers") if one["id"] == known_id]
        assert len(found) < 2, found
        return found[0] if found else None

    def about(self, other: "Node") -> tuple[bool, bool] | None:
        """(online, joined), or None if it is not listed."""
        entry = self.entry(other.id)
        return None if entry is None else (entry["online"], entry["joined"])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(5)
        self.process.stdout.close()
        return code

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def events(self, name: str) -> list[dict[str, object]]:
        return [line for line in map(json.loads, self.log().splitlines()) if line["event"] == name]

    def end(self) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self._lease.release()
        assert "traceback" not in self.log(), self.log()


@contextmanager
def nodes(folder: Path, count: int, *flags: str) -> Iterator[list[Node]]:
    """Several that start side by side."""
    made: list[Node | None] = [None] * count
    places = [folder / f"node-{len(list(folder.iterdir()))}-{number}" for number in range(count)]

    def make(number: int) -> None:
        places[number].mkdir()
        made[number] = Node(places[number], *FAST, *flags)

    makers = [threading.Thread(target=make, args=(number,)) for number in range(count)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    there = [one for one in made if one is not None]
    try:
        assert len(there) == count
        yield there
    finally:
        for one in there:
            one.end()


class Board:
    """The reference emulator, and a PTY whose other side is its serial port."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(EMULATOR_FLAGS, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.web = f"http://127.0.0.1:{ready['web_port']}/api"
        self.port = ready["serial_port"]
        self.said: list[str] = []
        self.silent = False
        self.plug()

    def plug(self) -> None:
        """A new PTY, at `path`."""
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.link = socket.create_connection(("127.0.0.1", self.port))
        self.carriers = [
            threading.Thread(target=self._to_board, args=(self.master,), daemon=True),
            threading.Thread(target=self._to_node, args=(self.master, self.link), daemon=True),
        ]
        for carrier in self.carriers:
            carrier.start()

    def unplug(self) -> None:
        """The line dies."""
        self.link.shutdown(socket.SHUT_RDWR)
        self.carriers[1].join(5)
        os.close(self.slave)
        os.close(self.master)
        self.link.close()

    def post(self, path: str, body: object = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.web}/{path}", data, method="POST"), timeout=5) as response:
            assert response.status == 200

    def charge(self) -> None:
        self.post("ev/connect")
        self.post("ev/request_charge")

    @property
    def state(self) -> tuple[str, float, float]:
        """(state, capacity in A, what is drawn in A)."""
        with urlopen(f"{self.web}/status", timeout=5) as response:
            evse = json.loads(response.read())["evse"]
        return evse["state"], evse["capacity"], evse["amps"]

    @property
    def drawn(self) -> float:
        return self.state[2]

    def commands(self, verb: str) -> list[str]:
        """What the node has said of this kind, without the check."""
        lines = "".join(self.said).split("\r")
        return [line.partition("^")[0] for line in lines if line.startswith(f"${verb}")]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.link.close()

    def _to_board(self, master: int) -> None:
        while True:
            try:
                data = os.read(master, 4096)
                if not self.silent:
                    self.said.append(data.decode("ascii"))
                    self.link.sendall(data)
            except OSError:
                return

    def _to_node(self, master: int, link: socket.socket) -> None:
        while True:
            try:
                data = link.recv(4096)
            except ConnectionResetError:
                return
            if not data:
                return
            if not self.silent:
                os.write(master, data)


EMULATOR_FLAGS = [*EMULATOR, "--web-port=0", "--serial-port=0"]


@contextmanager
def chargers(folder: Path, count: int, *flags: str) -> Iterator[tuple[list[Node], list[Board]]]:
    """Nodes with a board each."""
    boards = [Board() for _ in range(count)]
    made: list[Node] = []
    try:
        for number, board in enumerate(boards):
            place = folder / f"charger-{number}"
            place.mkdir()
            made.append(Node(place, *FAST, f"--rapi-serial={board.path}", *flags))
        for node in made:
            eventually(lambda node=node: node.get("/status")["evse_connected"], True)
        yield made, boards
    finally:
        for node in made:
            node.end()
        for board in boards:
            board.end()


def form_group(controller: Node, *members: Node, **settings: object) -> None:
    """`controller` leads the group of them all."""
    for member in members:
        controller.add(member)
        eventually(lambda member=member: member.about(controller), (True, True))
        eventually(lambda member=member: controller.about(member), (True, True))
    secret = {"secret": settings["secret"]} if "secret" in settings else {}
    for member in members:
        member.configure(enabled=True, role="member", controller_host=controller.host, **secret)
    controller.configure(enabled=True, role="controller", **{"group_max_current": 32, **settings})


def run(work) -> None:
    asyncio.run(work)
