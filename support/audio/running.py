"""A pipeline under test while it runs: a process that the suite started, or one somewhere else that it may only talk to.

Starting only spawns; whoever needs it waits until it is ready.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from support.audio.agreement import TOKEN
from support.audio.target import AudioTarget
from support.kit.canary import new_token, token_file
from support.kit.deadline import eventually
from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts, look_at

HOST = "127.0.0.1"
QUICK = 0.3
"""Seconds for a pipeline to end by itself when nobody needs it any more."""


class PipelineUnreachableError(InfrastructureError):
    """A pipeline that should run already does not answer."""


class RunningPipeline:
    """url: where it answers HTTP, without a slash at the end. token: what lets a speaker in, None where everybody is.

    process: None for one that runs already.
    """

    url: str
    token: str | None
    process: ManagedProcess | None

    def wait_ready(self) -> None:
        """ProcessDiedError (with its log) or ProcessNotReadyError; PipelineUnreachableError for one that runs already."""
        raise NotImplementedError

    def require_alive(self, since: str) -> None:
        """ProcessDiedError or PipelineUnreachableError where it has gone; `since` says when it was known to be there."""
        raise NotImplementedError

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

    def pid_tree(self) -> set[int]:
        """Its processes; empty where the suite does not see them."""
        return self.process.tree_pids() if self.process is not None else set()


class LaunchedPipeline(RunningPipeline):
    """A pipeline that the suite started; `resources` end it. settings: by the contract's names, the token among them."""

    def __init__(
        self, target: AudioTarget, settings: Mapping[str, str], log: Path, resources: ExitStack, patience: float
    ) -> None:  # fmt: skip
        self.settings = dict(settings)
        self.log = log
        self._target = target
        self._patience = patience
        self._port = resources.enter_context(lease_port()).port
        self.url = f"http://{HOST}:{self._port}"
        token = self.settings.get(TOKEN) or new_token()
        self.token = token if target.has_token or TOKEN in self.settings else None
        # Every value is filled in where it stands; where it stands nowhere there is no harm in having it.
        in_file = any("{token_file}" in text for text in (*target.argv, *target.env.values(), *target.settings.get(TOKEN, ())))
        self._values = {
            "port": str(self._port),
            "token": token,
            "token_file": token_file(token, resources) if in_file and self.token is not None else "",
        }
        self.process: ManagedProcess = ManagedProcess.start(
            target.command_line(self._values, self.settings), name="pipeline", log=log, env=target.environment(self._values)
        )
        resources.callback(self.process.stop, grace=QUICK)

    def wait_ready(self) -> None:
        port = lambda: accepts(HOST, self._port)  # noqa: E731
        look = look_at(self._target.ready, port=port, logged=self.process.logged, values=self._values)
        said = f"accept connections on port {self._port}" if self._target.ready == "port" else "be ready as the profile says"
        self.process.wait_ready(look, self._target.start_timeout * self._patience, f"the pipeline to {said}")

    def require_alive(self, since: str) -> None:
        self.process.require_alive(since)

    @property
    def running(self) -> bool:
        """Whether its process has not ended."""
        return self.process.alive


class AttachedPipeline(RunningPipeline):
    """A pipeline that runs already. The suite only talks to it."""

    def __init__(self, target: AudioTarget, patience: float) -> None:
        assert target.url is not None, "an address has a url"
        self.url = target.url.rstrip("/")
        self.token = target.token
        self.process = None
        self._within = target.start_timeout * patience

    def wait_ready(self) -> None:
        host, port = self.address
        try:
            eventually(lambda: accepts(host, port), bool, self._within, f"a pipeline accepts connections at {host}:{port}")
        except PromiseBrokenError as error:
            raise PipelineUnreachableError(f"no pipeline at {host}:{port} within {self._within:g} s") from error

    def require_alive(self, since: str) -> None:
        host, port = self.address
        if not accepts(host, port):
            raise PipelineUnreachableError(f"the pipeline has accepted no more connections at {host}:{port} since {since}")
