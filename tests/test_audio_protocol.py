"""Samples as text, and errors: what is read, and what is refused."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audio.protocol import STAGES, Code, RefusedError, bytes_of, pcm_of, text_of


@given(st.binary(max_size=400))
def test_bytes_survive_the_way_there_and_back(data):
    assert text_of(data) == base64.b64encode(data).decode()
    assert bytes_of(text_of(data)) == data


def test_samples_are_little_endian_words():
    assert pcm_of("AAD/fwCA") == bytes([0x00, 0x00, 0xFF, 0x7F, 0x00, 0x80])
    assert pcm_of("") == b""


@pytest.mark.parametrize(
    "text",
    [
        *("AAA", "AAA=A", "AA=A", "AA==AAAA", "A", "=", "====", "AAAA====", "AA\nAA", " AAAA", "AAAA\n", "AA-_", "äAAA", "AAA\0"),
        *("AAB=", "AB==", "\ud800AAA"),
    ],
    ids=ascii,
)
def test_what_is_not_strictly_base64_is_refused(text):
    with pytest.raises(RefusedError, match="not base64") as caught:
        bytes_of(text)
    assert caught.value.code is Code.INVALID_AUDIO


def test_half_a_sample_is_refused():
    with pytest.raises(RefusedError, match="3 bytes are no whole samples"):
        pcm_of("AAAA")


@given(st.text(alphabet="ABCab01+/=-_ \n", max_size=12))
def test_only_the_one_text_of_some_bytes_is_read(text):
    try:
        data = bytes_of(text)
    except RefusedError:
        return
    assert text_of(data) == text


def test_an_error_names_its_field_only_if_there_is_one():
    assert RefusedError(Code.OUT_OF_RANGE, "too much", "gain_in").told() == {
        "code": "OUT_OF_RANGE", "message": "too much", "field": "gain_in"
    }  # fmt: skip
    assert RefusedError(Code.INVALID_MESSAGE, "no type").told() == {"code": "INVALID_MESSAGE", "message": "no type"}


def test_names_are_those_of_the_contract():
    assert len(STAGES) == len(set(STAGES)) == 9
    assert all(code.value == code.name and re.fullmatch(r"[A-Z_]+", code.value) for code in Code)
