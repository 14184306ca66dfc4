"""The importable API: one hub per process, made on first use."""

from functools import cache

from support.toggle.reference.hub import Hub
from support.toggle.reference.settings import HubSettings


@cache
def default_hub() -> Hub:
    """The process's hub, whose counters `start_metrics_server` shows."""
    return Hub()


async def toggle_device_with_retry(
    device_id: str,
    device_host: str,
    device_port: int,
    state: bool,
    max_attempts: int = 2,
    *,
    settings: HubSettings | None = None,
) -> bool:
    """Ask the bulb for `state` (True: on) with up to `max_attempts` attempts; whether it acknowledged.

    No fault of the network raises. TypeError or ValueError for arguments that make no sense, as 0 attempts.
    """
    hub = default_hub()
    if settings is not None:
        hub = Hub(settings, metrics=hub.metrics, log=hub.log)
    result = await hub.toggle(device_id, device_host, device_port, state, max_attempts)
    return result.acknowledged


def start_metrics_server(port: int = 9400, *, host: str = "127.0.0.1") -> int:
    """Show the counters at `http://host:port/metrics` (0: the system chooses) and return the port that answers.

    A second call returns the port of the first. `hub_metrics.MetricsPortError` (an OSError) for a port that is taken.
    """
    return default_hub().metrics.serve(port, host)
