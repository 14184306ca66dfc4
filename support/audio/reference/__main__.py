"""`python -m support.audio.reference`."""

import signal

# Until the program handles signals itself an interrupt ends it without a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from support.audio.reference.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
