"""How an attempt can end."""

from enum import StrEnum


class Outcome(StrEnum):
    """The end of one attempt. The words are those of the log."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    UNREACHABLE = "unreachable"
    CONNECT_ERROR = "connect_error"
    SEND_ERROR = "send_error"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    BAD_ACK = "bad_ack"


AFTER_THE_FRAME = frozenset({Outcome.TIMEOUT, Outcome.CLOSED, Outcome.BAD_ACK})


def retransmit_reason(outcome: Outcome) -> str:
    """The word by which the metrics name a failure that is answered with another attempt."""
    return outcome.value if outcome in AFTER_THE_FRAME else "connection_failed"


class AttemptError(Exception):
    """An attempt failed with `outcome`; `reply` holds what had been read of the reply. The cause is the exception."""

    def __init__(self, outcome: Outcome, reply: bytes = b"") -> None:
        self.outcome = outcome
        self.reply = reply
        super().__init__(f"promised an acknowledgement, seen {outcome.value}")
