"""`python -m chatops`, and the installed command."""

import os
import signal
import sys
from typing import Any, NoReturn


def _leave(number: int, frame: Any) -> None:
    # Nothing has begun yet: there is nothing to finish, and nobody to catch an exception.
    os.write(2, b"interrupted\n")
    os._exit(130)


def _hold_closed_streams() -> None:
    """Open what the caller closed: else the next file that is opened would be taken for it.

    Stdout refuses what is written to it, so that the command says what it could not do.
    """
    for number, name, way in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            writable = number == 2
            nowhere = os.open(os.devnull, os.O_WRONLY if writable else os.O_RDONLY)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, way, encoding="utf-8"))


def main() -> NoReturn:
    """Run the command line. Ctrl-C while it still loads ends it without a traceback."""
    _hold_closed_streams()
    before = signal.signal(signal.SIGINT, _leave)
    from chatops.cli import main as run

    signal.signal(signal.SIGINT, before)
    run()


if __name__ == "__main__":
    sys.exit(main())
