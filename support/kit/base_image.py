"""The image that ours are built on: a Linux with Python, already on this machine. Nothing is fetched."""

import json
import os
from dataclasses import dataclass

from support.kit.engine import Engine, EngineError, telling
from support.kit.site_packages import Python, cache_folder

VARIABLE = "PLAINWIRE_BASE_IMAGE"
"""Names another one."""
WANTED = ("python:3.12-slim", "plainwire-base:bookworm")
"""The first that is there is taken."""
MAKE_IT = "bash .ci/base-image"
"""The command that makes the last of them."""
ASK = "import platform, sys; print(f'{sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}')"


class NoBaseImageError(EngineError):
    """There is no image to build on."""


@dataclass(frozen=True)
class BaseImage:
    """name: as it is named to the engine; id: of its content; python: the one inside."""

    name: str
    id: str
    python: Python


def base_image(engine: Engine) -> BaseImage:
    """The one that the environment names, or the first of WANTED. NoBaseImageError with the command that would bring one."""
    named = os.environ.get(VARIABLE)
    for name in [named] if named else WANTED:
        identity = image_id(engine, name)
        if identity is not None:
            return BaseImage(name, identity, _python_in(engine, identity))
    if named:
        raise NoBaseImageError(f"{VARIABLE} names {named}, which is not on this machine: docker pull {named}")
    raise NoBaseImageError(f"no image to build on: neither {' nor '.join(WANTED)}; this makes one: {MAKE_IT}")


def image_id(engine: Engine, name: str) -> str | None:
    """None where there is no such image on this machine."""
    from docker.errors import ImageNotFound  # type: ignore[import-untyped]

    with telling(f"look at the image {name}"):
        try:
            return str(engine.api.inspect_image(name)["Id"])
        except ImageNotFound:
            return None


def _python_in(engine: Engine, identity: str) -> Python:
    """Asked once per image: it takes half a second."""
    known = cache_folder() / f"python-{identity.removeprefix('sha256:')[:32]}.json"
    if known.exists():
        return Python(**json.loads(known.read_text()))
    with telling("ask an image for its Python"):
        told: bytes = engine.client.containers.run(
            identity,
            ["python3", "-c", ASK],
            name=engine.name("python"),
            labels=engine.labels,
            network_mode="none",
            cap_drop=["ALL"],
            read_only=True,
            remove=True,
        )
    version, machine = told.decode().split()
    python = Python(version, machine)
    draft = known.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(vars(python)))
    draft.replace(known)
    return python
