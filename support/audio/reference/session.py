"""One session: a chain of stages with its memory, and the count of what went through it.

Chunks of a session are processed one after the other, on whichever thread; nothing else changes it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.audio.protocol import SAMPLE_BYTES, Code, RefusedError, pcm_of, text_of
from support.audio.reference.configuration import Configurator, Pipeline
from support.audio.reference.figures import Account, Figures
from support.audio.reference.usage import Usage

if TYPE_CHECKING:
    from support.audio.reference.dsp.chain import Chain


@dataclass(frozen=True)
class Answered:
    """What one good chunk gives: audio in base64, and the figures with it."""

    sequence: int
    audio: str
    figures: Figures
    samples: int


class Session:
    """Processes chunks of `rate` samples per second, of `max_chunk` seconds at most."""

    account_class = Account

    def __init__(self, session_id: str, pipeline: Pipeline, rate: int, chain: "Chain", max_chunk: float, usage: Usage) -> None:
        self.session_id = session_id
        self.pipeline_id = pipeline.pipeline_id
        self.rate = rate
        self.configurator = Configurator()
        self._parameters = {stage.name: stage.parameters for stage in pipeline.stages}
        self._chain = chain
        self._most_bytes = int(max_chunk * rate) * SAMPLE_BYTES
        self._max_chunk = max_chunk
        self._account = self.account_class(usage)
        self.figures = self._account.begin(chain.latency_samples)
        """Those of the last chunk."""

    @property
    def latency_samples(self) -> int:
        """By how many samples the output is late."""
        return self._chain.latency_samples

    def take(self, data: str) -> Answered:
        """Process one chunk. RefusedError for one that is none, and nothing is counted."""
        from support.audio.reference.engine import samples_of

        begun = time.perf_counter()
        pcm = self.chunk_of(data)
        processed = self._chain.process(samples_of(pcm))
        audio = text_of(processed.pcm.astype("<i2", copy=False).data)
        seconds = time.perf_counter() - begun
        self.figures = self._account.add(seconds, processed.stage_seconds, processed.quality, self.latency_samples)
        return Answered(self._account.chunks, audio, self.figures, len(pcm) // SAMPLE_BYTES)

    def chunk_of(self, data: str) -> bytes:
        """The samples of one chunk. RefusedError."""
        pcm = pcm_of(data)
        if not pcm:
            raise RefusedError(Code.INVALID_AUDIO, "the chunk has no samples", "data")
        if len(pcm) > self._most_bytes:
            what = f"{len(pcm) // SAMPLE_BYTES} samples are more than {self._max_chunk:g} s at {self.rate} Hz"
            raise RefusedError(Code.CHUNK_TOO_LONG, what, "data")
        return pcm

    def update(self, stage: str, parameters: Mapping[str, object]) -> int:
        """Change parameters of a stage; the sequence of the first chunk that hears it. RefusedError, and nothing is changed."""
        if stage not in self._parameters:
            raise RefusedError(Code.UNKNOWN_STAGE, "there is no such stage in this pipeline", "stage_id")
        whole = self.configurator.parameters(stage, {**self._parameters[stage], **parameters}, "parameters")
        self._chain.update(stage, whole)
        self._parameters[stage] = whole
        return self._account.chunks + 1
