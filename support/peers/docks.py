"""A private network and the nodes on it, started for a scenario or ahead of it, and removed beside the next one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.later import do_later
from support.kit.network import Network
from support.kit.wire import WireLog
from support.peers.docked import DockedNode
from support.peers.images import node_image

if TYPE_CHECKING:
    from support.peers.target import ChargersTarget


class Docks:
    """The engine takes its time, so all is started beside everything else; `resources` end it.

    `log_path`: where the log of this name goes.
    """

    def __init__(
        self, target: "ChargersTarget", count: int, log_path: Callable[[str], Path], wire: WireLog | None, resources: ExitStack
    ) -> None:
        self._target, self._count, self._log_path, self._wire = target, count, log_path, wire
        self._made = ExitStack()
        self._nodes: list[DockedNode] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._start, name="start of a garage", daemon=True)
        self._thread.start()
        resources.callback(do_later, self._remove)

    @property
    def nodes(self) -> list[DockedNode]:
        """In order, once they were started. Raises what kept them from that."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return sorted(self._nodes, key=lambda node: node.number)

    @property
    def running(self) -> bool:
        """Whether nothing of it has ended."""
        return self._thread.is_alive() or (self._error is None and all(node.container.alive for node in self._nodes))

    def hand_over(self, log_path: Callable[[str], Path], wire: WireLog) -> None:
        """From now on everything is written there, with what was logged until now."""
        for node in self.nodes:
            node.log_to(log_path(node.log.name))
            node.rest.wire = wire

    def _start(self) -> None:
        try:
            image = node_image(self._target)
            network = self._made.enter_context(Network.create("garage"))

            def start(number: int) -> None:
                node = DockedNode(self._target, image, number, network, self._log_path(f"node-{number}.log"), self._wire)
                self._nodes.append(node)

            with ThreadPoolExecutor(self._count) as side_by_side:
                for _ in side_by_side.map(start, range(1, self._count + 1)):
                    pass
        except Exception as error:  # noqa: BLE001  # told to whoever asks for the nodes
            self._error = error

    def _remove(self) -> None:
        """All nodes at once, as the engine takes its time for each, and the network in any case."""
        self._thread.join()
        with self._made, ThreadPoolExecutor(self._count) as side_by_side:
            removals = [side_by_side.submit(node.container.remove) for node in self._nodes]
            for removal in removals:
                removal.result()
