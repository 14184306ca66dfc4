"""Tokens that occur nowhere else, and files that hold them."""

from contextlib import ExitStack
from pathlib import Path

from support.kit.canary import token_file

TOKEN = "canary-0123456789abcdef"


def test_a_file_with_a_token_is_for_its_user_alone_and_goes_with_its_resources():
    with ExitStack() as resources:
        path = Path(token_file(TOKEN, resources))
        assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == (TOKEN, "0o600")
        assert oct(path.parent.stat().st_mode & 0o777) == "0o700"
    assert not path.parent.exists()
