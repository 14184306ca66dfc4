"""The reference hub of the TCP toggle: a program (`python -m support.toggle.reference --help`) and an importable API.

    acknowledged = await toggle_device_with_retry("DEV1", "192.0.2.7", 9000, True)

The parts are loaded when they are first used, so that the program can complain about a mistyped argument at once.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.toggle.reference.api import start_metrics_server, toggle_device_with_retry
    from support.toggle.reference.hub import Hub, Result
    from support.toggle.reference.settings import HubSettings

__version__ = "0.1.0"
__all__ = ["Hub", "HubSettings", "Result", "start_metrics_server", "toggle_device_with_retry"]

_HOMES = {
    "Hub": "hub",
    "HubSettings": "settings",
    "Result": "hub",
    "start_metrics_server": "api",
    "toggle_device_with_retry": "api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
