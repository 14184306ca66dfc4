"""A scenario's folder of evidence: attachments, wire traces, process logs, numbers. Secrets are cut out."""

import base64
import re
import threading
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from support.kit.wire import WireLog

MASK = b"***"


class Redactor:
    """Replaces secrets with ***: plain, JSON-escaped, percent-encoded, in base64 and in hex. For any thread.

    It sees one piece of data at a time: a secret that is split over two of them is in neither.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[bytes] = set()
        self._pattern: re.Pattern[bytes] | None = None

    def add(self, secret: str) -> None:
        """From now on `secret` is replaced. ValueError below 4 characters: ordinary text would be blanked out."""
        if len(secret) < 4:
            raise ValueError("a secret needs at least 4 characters")
        with self._lock:
            self._forms |= {_escaped(secret), _hex(secret.encode()), *_base64(secret.encode())}
            # Longest first: of two secrets that begin alike, the longer one must not leave its end behind.
            longest_first: list[bytes] = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile(b"|".join(longest_first))

    def apply(self, data: bytes) -> bytes:
        pattern = self._pattern
        return data if pattern is None else pattern.sub(MASK, data)


_ESCAPES = rb"\\{1,7}"  # the backslashes of JSON in JSON in JSON; bounded, or a long run of them would take for ever
_SHORT = {'"': b'"', "\\": rb"\\", "/": b"/", "\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}


def _escaped(secret: str) -> bytes:
    """Every character as it is, or escaped for JSON (once or more), or percent-encoded, in any mixture."""
    return b"".join(b"(?:" + b"|".join(_spellings(character)) + b")" for character in secret)


def _spellings(character: str) -> list[bytes]:
    plain = character.encode()
    units = character.encode("utf-16-be")
    found = [
        b"".join(b"%%(?i:%02x)" % byte for byte in plain),
        b"".join(_ESCAPES + b"u(?i:%s)" % units[at : at + 2].hex().encode() for at in range(0, len(units), 2)),
    ]
    if character in _SHORT:
        found.append(_ESCAPES + _SHORT[character])
    if character == " ":
        found.append(rb"\+")
    return [*found, re.escape(plain)]  # last: of the escaped forms, which are longer, nothing may stay


def _hex(secret: bytes) -> bytes:
    """In either case, the bytes side by side or set apart by one character."""
    return b"(?i:" + rb"[ :-]?".join(b"%02x" % byte for byte in secret) + b")"


def _base64(secret: bytes) -> set[bytes]:
    """The secret on its own, and inside something longer ("user:secret") at each of the three alignments."""
    forms = set()
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        alone = alphabet(secret)
        forms |= {re.escape(alone), re.escape(alone.rstrip(b"="))}
        for before in range(3):
            # Characters at the edges hold bits of the neighbours too and differ with them.
            first = -(-before * 8 // 6)
            last = (before + len(secret)) * 8 // 6
            forms.add(re.escape(alphabet(b"\0" * before + secret)[first:last]))
    return forms


@dataclass(frozen=True)
class Number:
    """Something a scenario measured."""

    name: str
    value: float
    unit: str


class Evidence:
    """The folder of one scenario, made where it is missing. For any number of threads.

    Names are plain file names: ValueError for one that is empty, hidden, or leads out of the folder.
    """

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.folder = folder
        self._redactor = redactor
        self._lock = threading.RLock()
        self._media_types: dict[Path, str] = {}
        self._numbers: list[Number] = []
        self._warnings: list[str] = []
        self._wires: list[WireLog] = []
        self._logs: dict[str, Path] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def hide(self, secret: str) -> None:
        """From now on `secret` is cut out of all that is written here; out of logs, which stay raw until then, by close().

        ValueError for a secret below 4 characters.
        """
        self._redactor.add(secret)

    def attach(self, name: str, data: bytes | str, media_type: str = "text/plain") -> Path:
        """Write `data`, redacted, under `name`, or name-2, name-3 when that is taken."""
        raw = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
        path = self._create(name)
        path.write_bytes(self._redactor.apply(raw))
        with self._lock:
            self._media_types[path] = media_type
        return path

    def media_type(self, path: Path) -> str:
        """What `attach` was told, or text/plain: wire traces and logs are text."""
        with self._lock:
            return self._media_types.get(path, "text/plain")

    def open_wire(self, name: str = "wire.jsonl") -> WireLog:
        """A wire trace in the folder, closed by close()."""
        wire = WireLog(self._create(name), self._redactor.apply)
        with self._lock:
            self._wires.append(wire)
        return wire

    def log_path(self, name: str) -> Path:
        """Where a process may log to; the same path for the same name, so that a restart continues its log.

        What a process writes reaches the disk as it is; close() redacts it.
        """
        with self._lock:
            if name not in self._logs:
                self._logs[name] = self._create(name)
            return self._logs[name]

    def number(self, name: str, value: float, unit: str) -> None:
        """ValueError for a value that is not finite."""
        if not isfinite(value):
            raise ValueError(f"{name} is {value!r}, which is no measurement")
        with self._lock:
            self._numbers.append(Number(name, float(value), unit))

    @property
    def numbers(self) -> list[Number]:
        with self._lock:
            return list(self._numbers)

    def warn(self, text: str) -> None:
        """Note what fell short without breaking a promise: shown in every report."""
        with self._lock:
            self._warnings.append(text)

    @property
    def warnings(self) -> list[str]:
        with self._lock:
            return list(self._warnings)

    def files(self) -> list[Path]:
        """Every file in the folder, sorted."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def close(self) -> None:
        """Close the wire traces, cut secrets out of the logs (their processes have ended). May be repeated."""
        with self._lock:
            for wire in self._wires:
                wire.close()
            for path in self._logs.values():
                raw = path.read_bytes()
                clean = self._redactor.apply(raw)
                if clean != raw:
                    path.write_bytes(clean)

    def _create(self, name: str) -> Path:
        """A new empty file: made at once, so that nobody else gets the name, and never through a link."""
        if not name or name.startswith(".") or "\0" in name or "/" in name or "\\" in name:
            raise ValueError(f"not a plain file name: {name!r}")
        plain = Path(name)
        count = 1
        while True:
            path = self.folder / (name if count == 1 else f"{plain.stem}-{count}{plain.suffix}")
            try:
                path.open("xb").close()
            except FileExistsError:
                count += 1
            else:
                return path
