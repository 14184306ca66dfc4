"""The reference pipeline: a program (`python -m support.audio.reference --help`) that processes sound, live and in files."""

__version__ = "0.1.0"
