"""The reference node: a program (`python -m support.peers.reference.node --help`), the network side of a charger."""

__version__ = "0.1.0"
