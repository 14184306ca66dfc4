"""The node's working directory: what must survive a restart, written so that a crash leaves the old or the new, never half."""

import json
import os
import re
import secrets
from pathlib import Path

from support.peers.reference.node.log import LOG, why

CONFIG = "config.json"
PEERS = "peers.json"
STATION = "station.json"
DEVICE_ID = "device_id"
_ID = re.compile(r"[0-9A-Za-z_-]{4,64}")


class StoreError(RuntimeError):
    """The working directory cannot be written or read; the text is one line."""


class StateFolder:
    """Files of `folder`. Only the owner may read them: the group's secret is among them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def device_id(self) -> str:
        """The id of this device: made at the first start, kept from then on. StoreError."""
        path = self.folder / DEVICE_ID
        try:
            text = path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            text = ""
        except OSError as error:
            raise StoreError(f"cannot read {DEVICE_ID}: {why(error)}") from error
        if _ID.fullmatch(text):
            return text
        if text:
            LOG.error("device_id_corrupt", kept_as=self.keep_aside(DEVICE_ID))
        made = secrets.token_hex(6)
        self.write_text(DEVICE_ID, made + "\n")
        return made

    def read(self, name: str) -> object:
        """What the JSON file holds; None where there is no file. ValueError: it is no JSON. StoreError."""
        try:
            text = (self.folder / name).read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"cannot read {name}: {why(error)}") from error
        try:
            held: object = json.loads(text)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return held

    def write(self, name: str, value: object) -> None:
        """`value` as JSON; it is on the disk when this returns. StoreError."""
        self.write_text(name, json.dumps(value, indent=1) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """The same for a text."""
        path = self.folder / name
        fresh = path.with_name(f".{name}.new")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, path)
            # The rename itself is on the disk once its folder is.
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreError(f"cannot write {name}: {why(error)}") from error

    def keep_aside(self, name: str) -> str:
        """Move a file that makes no sense out of the way; its new name."""
        aside = f"{name}.corrupt"
        try:
            os.replace(self.folder / name, self.folder / aside)
        except OSError as error:
            raise StoreError(f"cannot move {name} aside: {why(error)}") from error
        return aside
