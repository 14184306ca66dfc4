"""Which scenarios find which liar. `tests/test_red.py` holds this table to be true. One table for each module of liars."""

from support.kit.caught import Caught, caught_by

_by = caught_by("AUD")

STAGES: dict[str, Caught] = {}
"""lying_stages.py"""

SESSIONS: dict[str, Caught] = {}
"""lying_sessions.py"""

STREAMING: dict[str, Caught] = {}
"""lying_streaming.py"""

LIVE: dict[str, Caught] = {}
"""lying_live.py"""

METRICS: dict[str, Caught] = {}
"""lying_metrics.py"""

BATCH: dict[str, Caught] = {}
"""lying_batch.py"""

ANALYSIS: dict[str, Caught] = {}
"""lying_analysis.py"""

CAUGHT_BY: dict[str, Caught] = {**STAGES, **SESSIONS, **STREAMING, **LIVE, **METRICS, **BATCH, **ANALYSIS}
