"""The machine's Docker engine: whether one answers, and what is ours in it.

All that a run makes in the engine carries its labels. What a run forgets goes at its end; what a killed run has left goes when
the next one begins; what belongs to a living one stays.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict

from support.kit.at_end import at_end_of_run
from support.kit.errors import InfrastructureError
from support.kit.owner import is_dead, my_mark

if TYPE_CHECKING:
    import docker  # type: ignore[import-untyped]

RUN_LABEL = "plainwire"
OWNER_LABEL = "plainwire.pid"
PROBE_LIMIT = 2
"""Seconds for a first answer; whole ones, as Docker counts them."""
CALL_LIMIT = 60
"""Seconds for any other."""
START_IT = "bash .ci/engine start"
"""The command that starts an engine, as root on Debian."""


class _Listed(TypedDict):
    """What the engine tells of everything that it lists."""

    Id: str
    Labels: dict[str, str]


class EngineError(InfrastructureError):
    """The engine did not do what was asked of it."""


class NoEngineError(EngineError):
    """No engine answers."""


class Engine:
    """Made by the_engine()."""

    def __init__(self, client: "docker.DockerClient") -> None:
        self.client = client
        self.api = client.api
        self.run = secrets.token_hex(6)
        self._made = 0

    @property
    def labels(self) -> dict[str, str]:
        """Of everything that this run makes."""
        return {RUN_LABEL: self.run, OWNER_LABEL: my_mark()}

    def name(self, wish: str) -> str:
        """A name in the engine that nobody else has. `wish`: letters, digits, `_`, `.` and `-`."""
        self._made += 1
        return f"plainwire-{self.run}-{self._made}-{wish}"

    def sweep(self, unwanted: Callable[[dict[str, str]], bool]) -> None:
        """Remove containers, then networks, whose labels are `unwanted`. EngineError names what could not be removed."""
        ours = {"label": RUN_LABEL}
        with telling("list what is ours"):
            containers: list[_Listed] = self.api.containers(all=True, filters=ours)
            networks: list[_Listed] = self.api.networks(filters=ours)
        told = _each([one["Id"] for one in containers if unwanted(one["Labels"])], self.remove_container)
        told += _each([one["Id"] for one in networks if unwanted(one["Labels"])], self.remove_network)
        if told:
            raise EngineError("; ".join(told))

    def remove_container(self, identity: str) -> None:
        """At once, with its volumes. Nothing happens where there is none."""
        with telling(f"remove the container {identity}"), gone_is_fine():
            self.api.remove_container(identity, force=True, v=True)

    def remove_network(self, identity: str) -> None:
        """Nothing happens where there is none."""
        with telling(f"remove the network {identity}"), gone_is_fine():
            self.api.remove_network(identity)

    def sweep_dead(self) -> None:
        """Remove what runs have left whose process is gone."""
        self.sweep(lambda labels: is_dead(labels.get(OWNER_LABEL, "")))

    def sweep_ours(self) -> None:
        """Remove what this run has made."""
        self.sweep(lambda labels: labels.get(RUN_LABEL) == self.run)


_engine: Engine | None = None


def the_engine() -> Engine:
    """The run's engine. NoEngineError, with the command that would start one, where none answers.

    The first time it is swept of what dead runs have left. At the end of the run it is swept of what this one has left.
    """
    global _engine
    if _engine is None:
        engine = Engine(_reach())
        engine.sweep_dead()
        at_end_of_run(_end)
        _engine = engine
    return _engine


def missing() -> str | None:
    """Why there is no engine, and what would start one; None where one answers."""
    try:
        _reach().close()
    except NoEngineError as error:
        return str(error)
    return None


@contextmanager
def telling(what: str) -> Iterator[None]:
    """EngineError, with what was tried, for everything that the engine or the way to it refuses."""
    from docker.errors import DockerException  # type: ignore[import-untyped]
    from requests import RequestException

    try:
        yield
    except (DockerException, RequestException) as error:
        raise EngineError(f"cannot {what}: {error}") from error


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """For removals: somebody else has removed it, or is just doing so."""
    from docker.errors import APIError

    try:
        yield
    except APIError as error:
        in_progress = error.status_code == 409 and "already in progress" in str(error.explanation)
        if error.status_code != 404 and not in_progress:
            raise


def _reach() -> "docker.DockerClient":
    import docker  # here, because it takes longer to import than all the rest
    from docker.errors import DockerException

    client = None
    try:
        client = docker.from_env(timeout=PROBE_LIMIT)
        client.ping()
    except (DockerException, OSError) as error:  # those of requests are an OSError, too
        if client is not None:
            client.close()
        raise NoEngineError(f"no Docker engine answers; as root on Debian this starts one: {START_IT} ({error})") from error
    client.api.timeout = CALL_LIMIT
    return client


def _end() -> None:
    global _engine
    engine, _engine = _engine, None
    if engine is not None:
        try:
            engine.sweep_ours()
        finally:
            engine.client.close()


def _each(identities: Iterable[str], remove: Callable[[str], None]) -> list[str]:
    """Every one gets its turn; what was raised."""
    told = []
    for identity in identities:
        try:
            remove(identity)
        except EngineError as error:
            told.append(str(error))
    return told
