"""Sounds as evidence: what was played and what was heard as WAV, to listen to, and a picture of both, to look at."""

import re

from support.audio.picture import picture
from support.audio.signals import Samples, to_wav
from support.kit.evidence import Evidence

MOST = 12
"""Pairs of sounds that one scenario keeps: who wants to listen to more runs it alone."""
LONGEST = 60.0
"""Seconds of a sound that are kept. The picture shows all of it."""


class Keeper:
    """Keeps the sounds of one scenario in its evidence. A sound that is as it was played is kept once more all the same."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.count = 0

    def keep(self, name: str, played: Samples, heard: Samples, rate: int, heard_rate: int | None = None) -> None:
        """name: whose. rate: Hz of what was played, and of what was heard where nothing else is said."""
        self.count += 1
        if self.count > MOST:
            return
        stem = f"{self.count:02}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"
        for what, samples, its_rate in (("played", played, rate), ("heard", heard, heard_rate or rate)):
            self._evidence.attach(f"{stem}-{what}.wav", to_wav(samples[: round(LONGEST * its_rate)], its_rate), "audio/wav")
        if heard_rate in (None, rate):
            self._evidence.attach(f"{stem}.svg", picture(played, heard, rate, f"{name}: played and heard"), "image/svg+xml")
