"""What a speaker says on a line, as text, and sound cut into chunks."""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate

from support.audio.protocol import SAMPLE_BYTES, Ask


def written(fields: Mapping[str, object]) -> str:
    """A message, as text."""
    return json.dumps(fields, ensure_ascii=False)


def ping_message() -> str:
    """Is anybody there?"""
    return written({"type": Ask.PING})


def chunk_message(pcm: bytes) -> str:
    """The message that holds a chunk."""
    data = base64.b64encode(pcm).decode()
    return written({"type": Ask.AUDIO_CHUNK, "data": data, "timestamp": time.time_ns() // 1_000_000})


def update_message(stage: str, parameters: Mapping[str, object]) -> str:
    """The message that asks for other parameters, in the pipeline's own names."""
    return written({"type": Ask.UPDATE_STAGE, "stage_id": stage, "parameters": parameters})


def cut(pcm: bytes, chunk_samples: int | Sequence[int]) -> list[bytes]:
    """PCM16 in chunks of so many samples, the last one shorter where it does not work out; or of these lengths, which must."""
    count = len(pcm) // SAMPLE_BYTES
    if isinstance(chunk_samples, int):
        lengths = [min(chunk_samples, count - at) for at in range(0, count, chunk_samples)]
    else:
        lengths = list(chunk_samples)
    if sum(lengths) != count:
        raise ValueError(f"chunks of {sum(lengths):,} samples do not hold {count:,}")
    ends = list(accumulate(length * SAMPLE_BYTES for length in lengths))
    return [pcm[end - length * SAMPLE_BYTES : end] for end, length in zip(ends, lengths, strict=True)]
