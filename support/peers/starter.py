"""Starting chargers without waiting: boards, the lines to them, and nodes in folders of their own."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from support.kit.errors import DeadlineExceededError, PromiseBrokenError
from support.kit.loop import LoopThread
from support.kit.owner import private_folder
from support.kit.ports import lease_port
from support.kit.pty_bridge import NoAnswerError, PtyBridge
from support.kit.wire import WireLog
from support.peers.board import Board
from support.peers.charger import Charger
from support.peers.emulator import BoardProgram, start_board_program
from support.peers.node import HOST, Node
from support.peers.plan import CONTROLLER, Plan
from support.peers.rest import Rest
from support.peers.serial_talk import is_reply
from support.peers.target import ChargersTarget


class Along:
    """The suite's own questions on the line between a node and its board."""

    def __init__(self, bridge: PtyBridge) -> None:
        self._bridge = bridge

    def ask(self, line: bytes, within: float) -> bytes:
        """PromiseBrokenError where the board does not answer."""
        try:
            return self._bridge.ask(line, within)
        except (NoAnswerError, DeadlineExceededError) as error:
            raise PromiseBrokenError(f"the board answers {line!r} within {within:g} s", str(error)) from error

    def events(self) -> list[tuple[float, bytes]]:
        """All so far."""
        return [(said.at, said.line) for said in self._bridge.events]


@dataclass
class Started:
    """Chargers on their way. programs: their boards in order, None for a charger without one; or one that is alone."""

    chargers: list[Charger]
    programs: list[BoardProgram | None]

    @property
    def boards(self) -> list[BoardProgram]:
        """Those that there are."""
        return [program for program in self.programs if program is not None]

    def wait_ready(self, patience: float) -> None:
        """Boards and nodes answer. What a program or a container of the kit raises where one does not."""
        for board in self.boards:
            board.wait_ready(patience)
        for charger, program in zip(self.chargers, self.programs, strict=False):
            if program is not None:  # where a container is to be found is known only now
                charger.station.control.base = program.url
        for charger in self.chargers:
            charger.node.wait_ready()

    @property
    def running(self) -> bool:
        """Whether nothing of it has ended."""
        return all(charger.node.process.alive for charger in self.chargers) and all(one.running for one in self.boards)

    def trace_to(self, wire: WireLog) -> None:
        """From now on everything is written there."""
        for charger in self.chargers:
            charger.line.trace_to(wire)
            charger.node.rest.wire = wire
            if charger.board is not None:
                charger.board.control.wire = wire

    def ask_to_end(self) -> None:
        """All at once, so that nobody has to wait for another."""
        for charger in self.chargers:
            charger.node.process.terminate()
        for program in self.boards:
            program.ask_to_end()


class Starter:
    """Starts chargers whose logs lie in `folder`. Nothing is waited for. `known`: how many chargers there are already."""

    def __init__(
        self, target: ChargersTarget, loop: LoopThread, wire: WireLog | None, folder: Path, patience: float, ports: set[int],
        known: int = 0,
    ) -> None:  # fmt: skip
        self.target = target
        self.loop = loop
        self.wire = wire
        self.folder = folder
        self.patience = patience
        self.ports = ports
        self.known = known

    def board(self, resources: ExitStack, name: str = "board") -> BoardProgram:
        """A board alone."""
        return start_board_program(self.target, self.folder / f"{name}.log", resources)

    def chargers(self, plans: Sequence[Plan], resources: ExitStack) -> Started:
        """Chargers as planned, side by side."""
        values = [self._values(number, resources) for number in range(self.known + 1, self.known + 1 + len(plans))]
        first = self.target.host(values[0]) if values else ""
        for plan, one in zip(plans, values, strict=True):
            if plan.name:  # chargers of other runs may be called so, too: the network is the same
                one["hostname"] = f"{plan.name}-{values[0]['port']}"
        started = Started([], [])
        for plan, one in zip(plans, values, strict=True):
            program = self.board(resources, f"board-{one['index']}") if plan.board else None
            started.programs.append(program)
            started.chargers.append(self._charger(plan, one, first, program, resources))
        resources.callback(started.ask_to_end)
        return started

    def _values(self, number: int, resources: ExitStack) -> dict[str, str]:
        port = resources.enter_context(lease_port()).port
        self.ports.add(port)
        folder = private_folder(Path(tempfile.gettempdir()), "node")
        resources.callback(shutil.rmtree, folder)
        values = {"index": str(number), "port": str(port), "workdir": str(folder)}
        values["hostname"] = self.target.hostname(values)
        return values

    def _charger(
        self, plan: Plan, values: dict[str, str], first: str, program: BoardProgram | None, resources: ExitStack
    ) -> Charger:
        # Without a board the line is there all the same, and leads to a port that nobody listens at.
        serial = program.serial if program else (HOST, resources.enter_context(lease_port()).port)
        hostname = values["hostname"]
        bridge = PtyBridge(
            self.loop, serial, hostname, self.wire, is_reply=is_reply, near=f"node {hostname}", far=f"board {hostname}"
        )
        resources.enter_context(bridge)
        if program is not None:
            program.follow(bridge.redirect)
        values["pty"] = str(bridge.path)
        config = [("loadsharing_heartbeat_timeout", f"{self.target.timings.heartbeat:g}")]
        config += [(key, value.replace(CONTROLLER, first)) for key, value in plan.settings]
        log = self.folder / f"node-{values['index']}.log"
        node = Node(self.target, values, config, log, self.wire, self.patience, named=plan.name is not None)
        resources.callback(node.stop)
        board = Board(Rest(program.url, f"board {hostname}", self.wire), Along(bridge)) if program else None
        return Charger(hostname, node, bridge, board, self.ports)
