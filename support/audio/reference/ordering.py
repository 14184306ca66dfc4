"""The order of a pipeline's stages: that of its connections, and where they leave it open that of its map."""

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from support.audio.protocol import Code, RefusedError


def in_order(stages: Sequence[str], connections: Iterable[tuple[str, str]]) -> list[str]:
    """`stages` so that each source comes before its target; of those that could come next, the one that stands first in `stages`.

    Every end of a connection is one of `stages`. RefusedError INVALID_CONFIG at `connections` for a cycle.
    """
    place = {stage: index for index, stage in enumerate(stages)}
    after: dict[str, list[str]] = {stage: [] for stage in stages}
    waiting_for = dict.fromkeys(stages, 0)
    for source, target in connections:
        after[source].append(target)
        waiting_for[target] += 1
    ready = [place[stage] for stage in stages if not waiting_for[stage]]
    heapify(ready)
    ordered: list[str] = []
    while ready:
        stage = stages[heappop(ready)]
        ordered.append(stage)
        for target in after[stage]:
            waiting_for[target] -= 1
            if not waiting_for[target]:
                heappush(ready, place[target])
    if len(ordered) < len(stages):
        going_round = ", ".join(stage for stage in stages if waiting_for[stage])
        raise RefusedError(Code.INVALID_CONFIG, f"the connections go round in a circle: {going_round}", "connections")
    return ordered
