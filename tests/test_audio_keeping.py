"""What is kept of sounds: as evidence, and in traces."""

import base64
import io
import wave

import numpy as np
import pytest

from support.audio.keeping import Keeper
from support.audio.shortening import shortened
from support.kit.evidence import Evidence, Redactor

SOUND = np.sin(np.arange(8000) / 10)


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", Redactor())


def heard_in(evidence):
    """Samples per second and samples of the first file, which is what was heard."""
    with wave.open(io.BytesIO(evidence.files()[0].read_bytes())) as file:
        return file.getframerate(), file.getnframes()


def names(evidence):
    return [path.name for path in evidence.files()]


def test_a_pair_of_sounds_becomes_two_files_and_a_picture(evidence):
    Keeper(evidence).keep('the speaker "Ada"', SOUND, SOUND / 2, 8_000)
    assert names(evidence) == ["01-the-speaker-ada-heard.wav", "01-the-speaker-ada-played.wav", "01-the-speaker-ada.svg"]
    assert heard_in(evidence) == (8_000, 8_000)
    assert [evidence.media_type(path) for path in evidence.files()] == ["audio/wav", "audio/wav", "image/svg+xml"]


def test_what_came_back_at_another_rate_has_no_picture(evidence):
    Keeper(evidence).keep("Ada", SOUND, SOUND[:4000], 16_000, 8_000)
    assert names(evidence) == ["01-ada-heard.wav", "01-ada-played.wav"]
    assert heard_in(evidence) == (8_000, 4_000)


def test_silence_and_nothing_are_kept_too(evidence):
    keeper = Keeper(evidence)
    keeper.keep("Ada", np.zeros(800), np.zeros(0), 8_000)
    keeper.keep("Ada", np.zeros((800, 2)), np.zeros((800, 2)), 8_000)
    assert len(names(evidence)) == 6


def test_a_long_sound_is_cut_off(evidence):
    Keeper(evidence).keep("Ada", np.zeros(8_000 * 61), np.zeros(8_000 * 61), 8_000)
    assert heard_in(evidence) == (8_000, 8_000 * 60)


def test_sounds_in_messages_are_shortened():
    text = base64.b64encode(bytes(range(256)) * 4)
    short = shortened(b'{"type": "audio_chunk", "data": "' + text + b'", "timestamp": 17}')
    assert short == b'{"type": "audio_chunk", "data": "' + text[:48] + b'...(1,368 letters)", "timestamp": 17}'


def test_what_is_short_stays_and_what_is_long_is_cut_off():
    assert shortened(b'{"type": "ping"}') == b'{"type": "ping"}'
    assert shortened(b" x" * 3000) == b" x" * 2048 + b"... (1,904 bytes more)"
