"""Whether chunks were answered as promised: each once, in order, with its sound. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Sequence

from support.audio.comparing import first_difference
from support.audio.frames import ChunkAnswer, Frame
from support.audio.session import Take
from support.audio.world import AudioWorld
from support.kit.deadline import steadily
from support.kit.errors import PromiseBrokenError, VoidError

QUIET = 0.08
"""Seconds for which nothing else must arrive, so that a second answer to the same chunk is seen."""


def require_exact(take: Take) -> None:
    """What is heard is what was played, to the last bit and of the same length."""
    if not len(take.played):
        raise VoidError("nothing was played")
    at = first_difference(take.played, take.heard)
    if at is None:
        return
    if at >= min(len(take.played), len(take.heard)):
        raise PromiseBrokenError(f"the listener hears {len(take.played):,} samples", f"{len(take.heard):,} samples")
    seen = f"sample {at + 1:,} of {len(take.played):,} is {take.heard[at]:.5f} instead of {take.played[at]:.5f}"
    raise PromiseBrokenError("the listener hears exactly what was played", seen)


def require_answers(answers: Sequence[ChunkAnswer], first: int, last: int) -> None:
    """These are the chunks `first` to `last`, each with its sound before its figures, both in the order of the chunks."""
    seen = [answer.sequence for answer in answers]
    if seen != list(range(first, last + 1)):
        raise PromiseBrokenError(f"the chunks are answered as numbers {first} to {last}, in order", _numbers(seen))
    for answer in answers:
        if not answer.sound_first:
            promised = "each chunk is answered with its sound and then with its figures"
            raise PromiseBrokenError(promised, f"not chunk {answer.sequence}")
    for of in ("audio", "figures"):
        places = [getattr(answer, of).number for answer in answers]
        if places != sorted(places):
            raise PromiseBrokenError(f"the {of} of the chunks come in their order", f"as frames {_numbers(places)}")
    for answer in answers:
        if len(answer.pcm) != len(answer.played):
            promised = f"chunk {answer.sequence} comes back with {len(answer.played):,} bytes of sound"
            raise PromiseBrokenError(promised, f"{len(answer.pcm):,}")


def require_nothing_else(world: AudioWorld) -> None:
    """Nothing has arrived that nobody was waiting for, and nothing arrives for a moment."""

    def strays() -> list[Frame]:
        return [frame for line in world.lines for frame in line.leftover]

    steadily(strays, lambda found: not found, QUIET, "nothing arrives but the answers", describe=lambda found: str(found[0]))


def _numbers(numbers: Sequence[int]) -> str:
    """`1, 2, 4`, shortened."""
    shown = ", ".join(map(str, numbers[:30]))
    return f"{shown}, ... ({len(numbers)} in all)" if len(numbers) > 30 else shown or "none"
