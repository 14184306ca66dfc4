"""`python -m support.peers.reference.emulator`."""

import gc
import os
import signal

if __name__ == "__main__":
    # Until the program handles signals itself a stop signal ends it at once: nothing is open yet. As the first process of
    # a container it would otherwise not hear them at all.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))

    # Nothing is garbage while all is being loaded; the service looks for it again.
    gc.disable()

    from support.peers.reference.emulator.cli import main

    raise SystemExit(main())
