"""The reference provider: a program (`python -m support.gateway.reference.provider --help`) that knows a value for each key."""
