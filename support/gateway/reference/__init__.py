"""The reference gateway: a program (`python -m support.gateway.reference --help`) that serves tools over WebSocket."""

__version__ = "0.1.0"
