"""Texts that a gateway must give back: each is what its name says."""

import pytest

from support.gateway.protocol import MAX_REQUEST_ID
from support.gateway.texts import REQUEST_IDS, TEXTS, different, letters, text_of


@pytest.mark.parametrize("count", [1, 2, 40, 65_536, 99_999, 100_000, 200_000])
def test_so_many_letters(count):
    text = letters(count)
    assert len(text) == len(text.encode()) == count
    assert text_of(f"{count:,} letters") == text


@pytest.mark.parametrize("count", [99_999, 200_000])
def test_no_part_of_many_letters_is_like_the_next(count):
    text = letters(count)
    parts = [text[start : start + 1000] for start in range(0, count, 1000)]
    assert len(set(parts)) == len(parts)


def test_the_texts_are_what_their_names_say():
    assert text_of("no text at all") == ""
    blanks = text_of("blanks before and after")
    assert blanks != blanks.strip()
    assert {"\n", "\r", "\t"} <= set(text_of("line ends and tabs"))
    assert {'"', "\\", "'", "/"} <= set(text_of("quotation marks and backslashes"))
    assert set(map(chr, range(1, 32))) <= set(text_of("control characters"))
    assert any(ord(letter) > 0xFFFF for letter in text_of("signs beyond the common ones"))
    assert text_of("text that looks like a frame").startswith('{"op"')


def test_every_text_can_be_sent():
    assert all(text.encode().decode() == text for text in TEXTS.values())
    assert len(set(TEXTS.values())) == len(TEXTS)


def test_request_ids_have_no_more_letters_than_are_allowed():
    assert all(1 <= len(each) <= MAX_REQUEST_ID for each in REQUEST_IDS.values())
    assert max(map(len, REQUEST_IDS.values())) == MAX_REQUEST_ID


@pytest.mark.parametrize("phrase", ["", "many letters", "letters", "-1 letters"])
def test_an_unknown_text_is_told(phrase):
    with pytest.raises(ValueError, match="no text is known as"):
        text_of(phrase)


def test_different_texts_differ_from_each_other_and_from_those_of_another_owner():
    owners = ["the client", "Ada", *(f"client {number}" for number in range(1, 12))]
    texts = [text for owner in owners for text in different(100, owner)]
    assert len(set(texts)) == 100 * len(owners)
    assert all(not text.isascii() for text in texts)
