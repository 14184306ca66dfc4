"""What the suite itself costs per step: `python tests/benchmark_steps.py` runs 1,000 trivial steps five times.

The figure is a scenario's whole time, hooks, evidence and reports included, divided by its steps.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from scratch import Scratch  # noqa: E402  # the folder of the tests must be on the path first

STEPS = 1000
ROUNDS = 5


def per_step_ms(folder: Path) -> float:
    """Milliseconds per step of one scenario with 1,000 of them, in a project of its own in `folder`."""
    steps = "\n".join(f"    Given {number} trivial things" for number in range(STEPS))
    project = Scratch(folder).feature("one", f"\n  @LMP-01\n  Scenario: Nothing, often\n{steps}\n")
    done = project.run()
    assert done.code == 0, done.out
    return float(project.scenario("LMP-01")["duration"]) / STEPS * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = [per_step_ms(Path(folder) / str(number)) for number in range(ROUNDS)]
    print(f"{STEPS} trivial steps, {ROUNDS} runs: median {statistics.median(figures):.3f} ms per step (", end="")
    print(f"{min(figures):.3f} to {max(figures):.3f})")


if __name__ == "__main__":
    main()
