"""Options and marks of the test run."""

import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption("--every-scenario", action="store_true", help="run the whole slice against each liar (a quarter of an hour)")


def pytest_collection_modifyitems(items):
    for item in items:
        if "alarm(" in inspect.getsource(item.function) or "setitimer" in inspect.getsource(item.function):
            item.add_marker(pytest.mark.alarm)
