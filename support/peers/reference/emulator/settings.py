"""What can be set about a board."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Ports may be 0: the system chooses. Currents are in amperes."""

    host: str = "127.0.0.1"
    web_port: int = 8080
    serial_port: int = 8023
    max_current: int = 32
    log_level: str = "info"
