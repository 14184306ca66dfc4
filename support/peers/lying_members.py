"""Nodes that break one promise of a member: whom it obeys, and what it does when it hears nothing."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from dataclasses import replace

from support.peers.lie import lies
from support.peers.reference.node.failsafe import Failsafe
from support.peers.reference.node.member import Membership, _literal, signature_of
from support.peers.reference.node.node import Node
from support.peers.reference.node.settings import LoadSharing
from support.peers.reference.node.status import Fields, Target

# --- when it hears nothing


@lies("It goes on with what it was given last, however long it hears nothing.")
class FailsafeNever(Failsafe):
    def active(self, now: float) -> bool:
        return False


@lies("It falls back before the heartbeat time is over.")
class FailsafeTooEarly(Failsafe):
    @property
    def deadline(self) -> float:
        return self._last + 0.2 * self.timeout


@lies("It helps itself for ever once it has heard nothing for a while.")
class FailsafeNeverReleased(Failsafe):
    def heard(self, now: float) -> None:
        if not self.active(now):
            super().heard(now)


@lies("It counts the heartbeat time from the first word of its controller.")
class OnlyTheFirstWordCounts(Failsafe):
    words = 0

    def heard(self, now: float) -> None:
        self.words += 1
        if self.words == 1 or now > self.deadline + self.timeout:
            super().heard(now)


@lies("It falls back to the safe current where it is to stop.")
class StopIgnored(Membership):
    @property
    def target(self) -> Target:
        told = super().target
        return replace(told, current=float(self._settings().failsafe_safe_current)) if told.failsafe else told


@lies("It does not tell that it helps itself.")
class FailsafeNotTold(Node):
    def group_status(self) -> Fields:
        return super().group_status() | {"failsafe_active": False}


# --- whom it obeys


@lies("It obeys anybody.")
class ForgedAllocationAccepted(Membership):
    def take(self, frame: object, remote: str) -> str | None:
        return super().take(frame, min(_literal(self._settings().controller_host), default=remote))


@lies("It obeys in a group with a secret without being told the secret.")
class SignatureNotVerified(Membership):
    def take(self, frame: object, remote: str) -> str | None:
        settings = self._settings
        self._settings = lambda: _without_secret(settings())
        try:
            return super().take(frame, remote)
        finally:
            self._settings = settings


def _without_secret(settings: LoadSharing) -> LoadSharing:
    return replace(settings, secret="")


@lies("It signs, and wants to be signed to, in a way of its own.", over=signature_of)
def signed_otherwise(secret: str, known_id: str, sequence: int, current: float, reason: str) -> str:
    return signature_of(secret, known_id, sequence, current, reason).upper()


@lies("It makes something of orders that make no sense.")
class NonsenseObeyed(Membership):
    def take(self, frame: object, remote: str) -> str | None:
        current = frame.get("target_current") if isinstance(frame, dict) else None
        if isinstance(current, int | float) and current > 1000:
            return super().take({**frame, "target_current": 1000.0}, remote) if isinstance(frame, dict) else None
        return super().take(frame, remote)
