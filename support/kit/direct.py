"""HTTP straight to what is tested: what the environment says of proxies and of passwords (.netrc) is meant for other places."""

import requests


def direct() -> requests.Session:
    """A session that takes nothing from the environment (requests, Session.trust_env). Close it, or leave it, when done."""
    session = requests.Session()
    session.trust_env = False
    return session
