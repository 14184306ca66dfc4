"""What the tests of containers share: the engine or a skip, and small programs in containers."""

import os
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.kit import engine
from support.kit.at_end import end_everything
from support.kit.base_image import base_image
from support.kit.container import Container
from support.kit.errors import InfrastructureError

WITHIN = 10.0
REQUIRED = os.environ.get("PLAINWIRE_ENGINE") == "required"

ECHO = """
import socket, threading
server = socket.create_server(("0.0.0.0", 8000))
print("listens", flush=True)
def serve(client):
    while data := client.recv(4096):
        client.sendall(data)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
"""Ends by SIGTERM only when it is not the first process of its container, which has no default for it."""


def the_engine_or_skip() -> engine.Engine:
    """At home a test that needs an engine and an image is skipped without; where one is required it fails."""
    try:
        found = engine.the_engine()
        base_image(found)
    except InfrastructureError as error:
        if REQUIRED:
            raise
        pytest.skip(str(error))
    return found


class Yard:
    """Where containers of a test are, and their logs."""

    def __init__(self, folder: Path, resources: ExitStack) -> None:
        self.engine = the_engine_or_skip()
        self.image = base_image(self.engine).name
        self.folder = folder
        self.resources = resources

    def python(self, script: str, name: str = "it", **wishes: Any) -> Container:
        """A container that runs `script`."""
        command = ["python3", "-u", "-c", textwrap.dedent(script)]
        log = self.folder / f"{name}.log"
        return self.resources.enter_context(Container.run(self.image, name=name, log=log, command=command, **wishes))

    def says(self, script: str, **wishes: Any) -> str:
        """What `script` says in a container, until its end."""
        container = self.python(script, **wishes)
        container.wait(WITHIN)
        return container.logged()


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with ExitStack() as resources:
        yield Yard(tmp_path, resources)


@pytest.fixture(scope="module", autouse=True)
def swept() -> Iterator[None]:
    """The end of a run."""
    yield
    end_everything()


def containers_of(found: engine.Engine, run: str) -> list[str]:
    """Names of all containers with the run's label, in whatever state."""
    listed = found.api.containers(all=True, filters={"label": f"{engine.RUN_LABEL}={run}"})
    return [one["Names"][0] for one in listed]


def networks_of(found: engine.Engine, run: str) -> list[str]:
    return [one["Name"] for one in found.api.networks(filters={"label": f"{engine.RUN_LABEL}={run}"})]
