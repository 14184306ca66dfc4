"""The reference power board: a program (`python -m support.peers.reference.emulator --help`) with a vehicle in front of it."""

__version__ = "0.1.0"
