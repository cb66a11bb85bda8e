"""The program: `kunak`, and `python -m kunak`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # While modules are imported there is nothing to clean up, and Python would lose a Ctrl-C or show where it came.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from kunak.cli import main

if __name__ == "__main__":
    main()
