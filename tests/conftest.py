"""Options and marks of the test run."""

import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption("--every-scenario", action="store_true", help="run the whole slice against each liar (a quarter of an hour)")


LONGEST = ("test_red", "test_peers_foreign", "test_gateway_foreign", "test_toggle_foreign", "test_accept")
"""Modules that take minutes, the longest first: where files are tested side by side, the last ones are to be short."""


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.module.__name__, len(LONGEST)))  # stable: within a file nothing moves
    for item in items:
        if "alarm(" in inspect.getsource(item.function) or "setitimer" in inspect.getsource(item.function):
            item.add_marker(pytest.mark.alarm)
