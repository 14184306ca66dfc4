"""Messages that are no good chunk."""

import base64
import binascii
import json

import pytest

from support.audio.mistakes import MISTAKES, TAKING_TURNS, chunk_frame, mistake, padded_chunk_frame

PCM = b"\x01\x02" * 400


def strictly(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)


def data_of(phrase: str) -> object:
    fields = json.loads(mistake(phrase))
    assert fields["type"] == "audio_chunk"
    return fields["data"]


def test_a_proper_chunk():
    fields = json.loads(chunk_frame(PCM))
    assert fields["type"] == "audio_chunk"
    assert strictly(fields["data"]) == PCM
    assert isinstance(fields["timestamp"], int)


def test_a_chunk_in_a_frame_of_any_size():
    frame = padded_chunk_frame(PCM, 5000)
    assert len(frame.encode()) == 5000
    assert json.loads(frame) == json.loads(chunk_frame(PCM))
    with pytest.raises(ValueError, match="800 bytes does not go into a frame of 100"):
        padded_chunk_frame(PCM, 100)


@pytest.mark.parametrize(
    "phrase",
    [
        "a chunk with a blank in its sound",
        "a chunk with a line's end in its sound",
        "a chunk with a line's end behind its sound",
        "a chunk with padding in its middle",
        "a chunk with a letter of no such alphabet",
        "a chunk with a sign of no such alphabet",
        "a chunk without its padding",
    ],
)
def test_base64_that_only_a_lenient_reader_takes(phrase):
    data = data_of(phrase)
    with pytest.raises(ValueError):
        strictly(data)
    kept = "".join(letter for letter in data if (letter.isascii() and letter.isalnum()) or letter in "+/")
    lenient = base64.b64decode(kept + "=" * (-len(kept) % 4))
    assert len(lenient) == 800, "whoever steps over the fault finds good sound"


def test_the_letters_of_web_addresses():
    data = data_of("a chunk in the letters that web addresses use")
    assert {"-", "_"} & set(data)
    assert len(base64.urlsafe_b64decode(data)) == 600
    with pytest.raises(ValueError):
        strictly(data)


@pytest.mark.parametrize("phrase", ["a chunk with half a sample at its end", "a chunk of 1 byte"])
def test_half_samples(phrase):
    assert len(strictly(data_of(phrase))) % 2


@pytest.mark.parametrize("phrase", ["words that are no message", "an empty message", "half a chunk"])
def test_what_is_no_json(phrase):
    with pytest.raises(ValueError):
        json.loads(mistake(phrase))


@pytest.mark.parametrize("phrase", ["a list around a chunk", "a lone number"])
def test_what_is_no_object(phrase):
    assert not isinstance(json.loads(mistake(phrase)), dict)


def test_each_is_bad_in_its_own_way():
    frames = [str(mistake(phrase)) for phrase in MISTAKES]
    assert len(set(frames)) == len(frames)
    assert all(isinstance(mistake(phrase), str) for phrase in TAKING_TURNS)
    with pytest.raises(ValueError, match="'a good chunk'"):
        mistake("a good chunk")
