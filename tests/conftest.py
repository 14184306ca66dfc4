"""Options of the test run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption("--every-scenario", action="store_true", help="run the whole slice against each liar (a quarter of an hour)")
