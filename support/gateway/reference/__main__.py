"""`python -m support.gateway.reference`."""

import signal

# Until the program handles signals itself an interrupt ends it without a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from support.gateway.reference.cli import Program

if __name__ == "__main__":
    raise SystemExit(Program().main())
