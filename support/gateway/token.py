"""Tokens that occur nowhere else: where one turns up in a log, the gateway has put it there."""

import secrets

USUAL = 24
"""Letters: half as many again as the contract wants."""


def new_token(length: int = USUAL) -> str:
    """So many letters and digits, the first of them letters."""
    return f"canary{secrets.token_hex(length)}"[:length]
