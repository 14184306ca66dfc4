"""What is set about the node: its port, its hostname and load sharing; kept in config.json, changed as a whole or not at all."""

import re
from collections.abc import Callable, Mapping, Sequence

from support.peers.protocol import Refusal
from support.peers.reference.node.log import LOG
from support.peers.reference.node.settings import LoadSharing, SettingError, from_text, told, with_values
from support.peers.reference.node.store import CONFIG, StateFolder

PREFIX = "loadsharing_"
PORT, HOSTNAME, VERSION = "www_http_port", "hostname", "config_version"
DEFAULT_PORT = 80
MEMBER = "member"
FREE_ON_MEMBERS = frozenset(f"{PREFIX}{name}" for name in ("role", "enabled", "controller_host", "priority"))
"""Else nobody could ever take a member out of its group."""
_LABEL = re.compile(r"[0-9A-Za-z]([0-9A-Za-z_-]{0,61}[0-9A-Za-z])?")


class ReadOnlyError(ValueError):
    """A member's share of the group's settings is not changed at the member."""

    def __init__(self) -> None:
        super().__init__(Refusal.READ_ONLY)


class Configuration:
    """The settings now. `given`: what the command line sets, over what was kept."""

    def __init__(
        self, folder: StateFolder, default_hostname: str, given: Sequence[tuple[str, str]], shortest_heartbeat: float
    ) -> None:
        """SettingError: a given value makes no sense. StoreError."""
        self.port = DEFAULT_PORT
        self.hostname = default_hostname
        self.sharing = LoadSharing()
        self.version = 0
        self.shortest_heartbeat = shortest_heartbeat
        self.on_change: list[Callable[[], None]] = []
        """Called after each change."""
        self._folder = folder
        self._restore()
        known = [(key, text) for key, text in given if key in (PORT, HOSTNAME) or key.startswith(PREFIX)]
        for key, text in known:
            if key == PORT:
                self.port = _port(int(text) if text.isascii() and text.isdigit() else text)
            elif key == HOSTNAME:
                self.hostname = _hostname(text)
        pairs = [(key, text) for key, text in known if key.startswith(PREFIX)]
        self.sharing = from_text(self.sharing, pairs, shortest_heartbeat)

    def shown(self, hostname: str) -> dict[str, object]:
        """All settings, with `hostname` as it really is. The secret is not shown, only whether there is one."""
        return {PORT: self.port, HOSTNAME: hostname, **told(self.sharing), VERSION: self.version}

    def change(self, values: Mapping[str, object], hostname: str) -> bool:
        """Take over these values; whether anything is different now. Unknown keys are passed over. SettingError, ReadOnlyError,
        StoreError: nothing has changed."""
        ours = {key: value for key, value in values.items() if key.startswith(PREFIX)}
        if self.sharing.role == MEMBER and not ours.keys() <= FREE_ON_MEMBERS:
            raise ReadOnlyError
        sharing = with_values(self.sharing, ours, self.shortest_heartbeat)
        port = _port(values[PORT]) if PORT in values else self.port
        wish = _hostname(values[HOSTNAME]) if HOSTNAME in values else self.hostname
        if wish == hostname:  # what it is called already is no wish for another name
            wish = self.hostname
        before = self.sharing, self.port, self.hostname
        if (sharing, port, wish) == before:
            return False
        self.sharing, self.port, self.hostname = sharing, port, wish
        self.version += 1
        try:
            self._save()
        except Exception:
            self.sharing, self.port, self.hostname = before
            self.version -= 1
            raise
        for each in self.on_change:
            each()
        return True

    def _save(self) -> None:
        secret = {f"{PREFIX}secret": self.sharing.secret} if self.sharing.secret else {}
        self._folder.write(CONFIG, {**self.shown(self.hostname), **secret})

    def _restore(self) -> None:
        """What was kept; where that makes no sense, the defaults. StoreError."""
        try:
            kept = self._folder.read(CONFIG)
            if kept is None:
                return
            if not isinstance(kept, dict):
                raise SettingError("it holds no object")
            ours = {key: value for key, value in kept.items() if key.startswith(PREFIX) and key != f"{PREFIX}secret_set"}
            sharing = with_values(self.sharing, ours, self.shortest_heartbeat)
            port, hostname = _port(kept.get(PORT, self.port)), _hostname(kept.get(HOSTNAME, self.hostname))
            version = kept.get(VERSION, 0)
            self.version = version if isinstance(version, int) else 0
        except ValueError as error:  # SettingError is one, and what is no JSON is one
            LOG.error("config_file_corrupt", why=str(error), kept_as=self._folder.keep_aside(CONFIG))
            return
        self.sharing, self.port, self.hostname = sharing, port, hostname


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65_535:
        raise SettingError(f"{PORT} must be a whole number from 0 to 65535")
    return value


def _hostname(value: object) -> str:
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise SettingError(f"{HOSTNAME} must be 1 to 63 letters, digits and hyphens")
    return value
