"""How long the suite waits for a pipeline, and when it gives up a mute one."""

from support.audio.protocol import SAMPLE_BYTES
from support.kit.errors import PromiseBrokenError
from support.kit.patience import Patience

OPENING_LIMIT = 10.0
"""Seconds for a connection and its upgrade."""
ANSWER_LIMIT = 5.0
"""Seconds after which a message without a stated limit counts as not answered."""
REQUEST_LIMIT = 10.0
"""Seconds after which a request over HTTP without a stated limit counts as not answered."""

STREAM_LIMIT = 50.0
"""Seconds for a whole stream that is not played in real time: less than a step may take."""


class SilenceError(PromiseBrokenError):
    """The pipeline did not answer in time."""


patience = Patience("the pipeline did not answer {} times in a row", SilenceError)
"""Lines and requests are counted apart: a pipeline may be mute on one way and not on the other."""


def chunk_limit(pcm: bytes, rate: int) -> float:
    """Seconds after which a chunk counts as not answered: a pipeline in real time takes no longer than the sound itself."""
    return ANSWER_LIMIT + len(pcm) / SAMPLE_BYTES / rate
