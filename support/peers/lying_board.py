"""Power boards that break one promise each."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from support.peers.lie import lies
from support.peers.protocol import CR, OK, REFUSED, Line, State
from support.peers.reference.emulator.board import Board, Mode
from support.peers.reference.emulator.commands import Commands
from support.peers.reference.emulator.vehicle import Vehicle

# --- lines


class _Spoilt(Line):
    def written(self) -> bytes:
        return f"{self.text}^00".encode("ascii") + CR


@lies("It answers with a checksum that is wrong.")
class WrongChecksum(Commands):
    def answer(self, raw: bytes) -> Line:
        reply = super().answer(raw)
        return _Spoilt(reply.verb, reply.words)


@lies("It does what it is told whatever the checksum says.")
class ChecksumNeverVerified(Commands):
    def answer(self, raw: bytes) -> Line:
        return super().answer(raw.partition(b"^")[0])


@lies("It refuses lines that have no checksum.")
class ChecksumRequired(Commands):
    def answer(self, raw: bytes) -> Line:
        return super().answer(raw if b"^" in raw else b"")


@lies("It says yes to lines that are none.")
class YesToNonsense(Commands):
    def answer(self, raw: bytes) -> Line:
        reply = super().answer(raw)
        return Line(OK) if reply.verb == REFUSED else reply


@lies("It stays asleep when it is enabled.")
class EnableIgnored(Commands):
    def answer(self, raw: bytes) -> Line:
        return Line(OK) if raw.startswith(b"$FE") and self.board.mode is Mode.ASLEEP else super().answer(raw)


@lies("It allows more than it can give.")
class TooMuchAllowed(Board):
    def set_current(self, amps: int, keep: bool = True) -> int:
        super().set_current(amps, keep)
        self._capacity = max(self._capacity, amps)
        return self.capacity


@lies("It allows less than a vehicle can use.")
class TooLittleAllowed(Board):
    def set_current(self, amps: int, keep: bool = True) -> int:
        super().set_current(amps, keep)
        self._capacity = min(self._capacity, amps)
        return self.capacity


# --- the vehicle


@lies("It does not tell changes by itself.")
class ChangesNotTold(Board):
    def _tell_state(self) -> None:
        return None


@lies("It lets the vehicle draw more than it was told to allow.")
class AllowanceIgnored(Board):
    def _amps_at(self, moment: float) -> float:
        return self.vehicle.acceptance if self.state is State.CHARGING else 0.0


@lies("It takes the vehicle to draw all that is allowed.")
class VehicleDrawsAll(Vehicle):
    @property
    def acceptance(self) -> float:
        return 1000.0


# --- no current


class _Draws(Board):
    """Its vehicle draws while `draws` says so."""

    def draws(self) -> bool:
        raise NotImplementedError

    def _amps_at(self, moment: float) -> float:
        wants = self.vehicle.connected and self.vehicle.requesting
        return float(min(self.capacity, self.vehicle.acceptance)) if wants and self.draws() else super()._amps_at(moment)


@lies("It lets the vehicle draw while it sleeps.")
class AsleepButDrawing(_Draws):
    def draws(self) -> bool:
        return self.mode is Mode.ASLEEP


@lies("It lets the vehicle draw while it is faulty.")
class FaultStillDraws(_Draws):
    def draws(self) -> bool:
        return bool(self.faults)


@lies("It goes on when it is disabled.")
class DisableIgnored(Board):
    @property
    def state(self) -> State:
        if self.mode is Mode.DISABLED:
            self.mode = Mode.ENABLED
        return super().state


@lies("It wakes up when a vehicle comes.")
class WokenByVehicle(Board):
    def connect(self) -> None:
        self.mode = Mode.ENABLED
        super().connect()
