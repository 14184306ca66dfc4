"""A network of its own for containers, in which multicast passes between them.

Not one that Docker calls internal: an engine on a machine that filters bridged packets drops multicast there. Instead nobody
translates addresses for it: what goes out of the machine is not answered.
"""

from types import TracebackType
from typing import Self

from support.kit.engine import Engine, telling, the_engine
from support.kit.errors import VoidError

OPTIONS = {"com.docker.network.bridge.enable_ip_masquerade": "false"}


class Network:
    """Made by create(). A user-defined bridge; a context manager that removes it: containers leave it before."""

    def __init__(self, engine: Engine, identity: str, name: str) -> None:
        self.id = identity
        self.name = name
        self._engine = engine

    @classmethod
    def create(cls, name: str) -> "Network":
        """`name`: letters, digits, `_`, `.` and `-`. EngineError: it cannot be made."""
        engine = the_engine()
        full = engine.name(name)
        with telling(f"make the network {full}"):
            made = engine.api.create_network(full, driver="bridge", options=OPTIONS, labels=engine.labels)
        return cls(engine, made["Id"], full)

    def endpoint(self, alias: str | None) -> object:
        """For the engine: what a container that is made in it is told."""
        api = self._engine.api
        return api.create_networking_config({self.name: api.create_endpoint_config(aliases=[alias] if alias else None)})

    def connect(self, container: str, alias: str | None = None) -> None:
        """A container (by name) is in it from now on, under `alias` beside its name. VoidError when it is already."""
        if container in self._members():
            raise VoidError(f"{container} is in the network {self.name} already")
        with telling(f"connect {container} to the network {self.name}"):
            self._engine.api.connect_container_to_network(container, self.id, aliases=[alias] if alias else None)

    def disconnect(self, container: str) -> None:
        """A running container (by name) is out of it from now on: it has no such interface. VoidError when it was not in it.

        When it comes back it may have another address.
        """
        if container not in self._members():
            raise VoidError(f"{container} is not in the network {self.name}")
        with telling(f"disconnect {container} from the network {self.name}"):
            self._engine.api.disconnect_container_from_network(container, self.id, force=True)

    def remove(self) -> None:
        """Nothing happens the second time. EngineError while containers are in it."""
        self._engine.remove_network(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def _members(self) -> set[str]:
        """Names of the running containers in it."""
        with telling(f"look at the network {self.name}"):
            found = self._engine.api.inspect_network(self.id)["Containers"]
        return {str(member["Name"]) for member in found.values()}
