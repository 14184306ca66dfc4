"""Texts that a gateway must give back letter by letter, and request ids at the edges of what is allowed."""

import re

ALPHABETS = "räksmörgås ñandú Łódź Ελλάδα Привет שלום مرحبا 你好 日本 한국"
BEYOND = "🦐 👩‍🚀 𝔤𝔞𝔱𝔢 𐍈 \u0301e\u0301"
CONTROL = "".join(map(chr, range(1, 32))) + "\x7f\x80\u2028\u2029\ufeff"

TEXTS = {
    "a sentence": "The lamp in the hall is on.",
    "no text at all": "",
    "letters of many alphabets": ALPHABETS,
    "signs beyond the common ones": BEYOND,
    "blanks before and after": "   lamp \u00a0 ",
    "line ends and tabs": "one\ntwo\r\nthree\tfour\n\n",
    "quotation marks and backslashes": '"lamp" \'door\' \\ \\n \\u0041 \\" / </script>',
    "control characters": CONTROL,
    "text that looks like a frame": '{"op":"call_tool_res","request_id":"r-1","ok":false}',
}

REQUEST_IDS = {
    "1 letter": "x",
    "128 letters": "i" * 128,
    "letters of many alphabets": ALPHABETS,
    "quotation marks, slashes and spaces": "\"lamp\" \\ / 'door' \t .",
    "digits only": "00042",
}


def text_of(phrase: str) -> str:
    """`a sentence`, `200,000 letters`: the text. ValueError for an unknown phrase."""
    if match := re.fullmatch(r"([\d,]+) letters", phrase):
        return letters(int(match[1].replace(",", "")))
    if phrase not in TEXTS:
        raise ValueError(f"no text is known as {phrase!r}")
    return TEXTS[phrase]


def letters(count: int) -> str:
    """So many letters, no part of which is like the next."""
    numbered = "".join(f"{number:x}." for number in range(count // 2 + 1)) if count < 100_000 else _long(count)
    return numbered[:count]


def _long(count: int) -> str:
    return "".join(f"{number:07x}." for number in range(count // 8 + 1))


def different(count: int, owner: str) -> list[str]:
    """So many texts, all different, also from those of another owner; every one holds letters of many alphabets."""
    return [f"{owner} {number} {ALPHABETS} {BEYOND}"[: 20 + number] + f" #{number}" for number in range(count)]
