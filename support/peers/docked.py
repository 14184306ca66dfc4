"""Nodes in containers on a private network, each with an address of its own, and without a board."""

from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.container import Container
from support.kit.network import Network
from support.kit.readiness import answers
from support.kit.wire import WireLog
from support.peers.rest import Rest

if TYPE_CHECKING:
    from support.peers.target import ChargersTarget

PORT = 8080
"""Inside: a node without rights cannot have a port below 1024."""
STATE = "/state"
START_LIMIT = 15.0
ALL_INTERFACES = "--interface=0.0.0.0"


class DockedNode:
    """A node in a container. Has what a Node has, as far as scenarios on a network use it."""

    def __init__(
        self, target: "ChargersTarget", image: str, number: int, network: Network, log: Path, wire: WireLog | None
    ) -> None:
        self.number = number
        self.ended_on_purpose = False
        self.log = log
        self.network = network
        values = {"index": str(number), "port": str(PORT), "pty": "/dev/null", "workdir": STATE}
        values["hostname"] = f"charger-{number}"
        self.hostname = values["hostname"]
        line = target.node_image_argv(values)
        if target.is_reference_node:
            line.append(ALL_INTERFACES)
        line += target.set_config("loadsharing_heartbeat_timeout", f"{target.timings.heartbeat:g}")
        self.container = Container.run(
            image, name=f"node-{number}", log=log, command=line, network=network, tmpfs=(STATE, "/tmp")
        )
        self.port = PORT
        self.rest = Rest(f"http://{self.container.ip}:{PORT}", self.hostname, wire)

    @property
    def host(self) -> str:
        """How others are told to reach it: by the name that it has on its network."""
        return f"{self.hostname}.local"

    def wait_ready(self, patience: float) -> None:
        """ContainerDiedError or ContainerNotReadyError where it does not answer."""
        what = f"{self.hostname} to answer"
        self.container.wait_ready(lambda: answers(f"{self.rest.base}/config", 200), START_LIMIT * patience, what)

    def die(self) -> None:
        """Killed, without a word to anybody."""
        self.ended_on_purpose = True
        self.container.kill()

    def start_again(self, patience: float) -> None:
        """The same container; ready when this returns. It may have another address."""
        self.container.start()
        self.find()
        self.wait_ready(patience)
        self.ended_on_purpose = False

    def find(self) -> None:
        """Where it is now."""
        self.rest.base = f"http://{self.container.ip}:{PORT}"

    def log_to(self, log: Path) -> None:
        """Move its log there, under it: it goes on writing to it."""
        self.log = self.container.log = self.log.replace(log)

    def require_alive(self) -> None:
        """ContainerDiedError where it has ended."""
        self.container.require_alive("at the end of the scenario")
