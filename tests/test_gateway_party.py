"""Who is there when a scenario begins."""

import pytest

from support.gateway.party import Party, parse_party


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("a client", Party(("the client",))),
        ("a connected client", Party(("the client",))),
        ("a client behind a link", Party(("the client",), behind_links=True)),
        ("5 clients", Party(count=5)),
        ("1,000 clients", Party(count=1000)),
        ('clients "Ada" and "Ben"', Party(("Ada", "Ben"))),
        ('clients "Ada" and "Ben", each behind a link', Party(("Ada", "Ben"), behind_links=True)),
    ],
)
def test_a_party(text, party):
    assert parse_party(text) == party
