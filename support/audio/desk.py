"""What a scenario has handed in as a whole, asked about or measured, and what came of it."""

from concurrent.futures import Future
from dataclasses import dataclass, field

from support.audio.recordings import Recording


@dataclass
class Desk:
    """recordings: what is handed in or asked about. came_back: what the pipeline made of one, and in which form it came.

    chunk_times, echo_times: seconds from a chunk to its answer. carried: sessions that were kept up with in real time, and what
    ended the growing. under_way: what is played for longer than a step may take. memory: bytes, at first and in the end.
    """

    recordings: list[Recording] = field(default_factory=list)
    came_back: Recording | None = None
    form: str = ""
    chunk_times: list[float] = field(default_factory=list)
    echo_times: list[float] = field(default_factory=list)
    carried: int = 0
    ended_by: str = ""
    under_way: Future[None] | None = None
    memory: list[int] = field(default_factory=list)

    @property
    def recording(self) -> Recording:
        """The only one that is handed in or asked about."""
        (recording,) = self.recordings
        return recording

    @property
    def result(self) -> Recording:
        """What came back."""
        assert self.came_back is not None, "only what was handed in comes back"
        return self.came_back
