"""`python -m chatops`, and the installed command."""

import os
import signal
import sys
from typing import Any, NoReturn


def _leave(number: int, frame: Any) -> None:
    # Nothing has begun yet: there is nothing to finish, and nobody to catch an exception.
    os.write(2, b"interrupted\n")
    os._exit(130)


def main() -> NoReturn:
    """Run the command line. Ctrl-C while it still loads ends it without a traceback."""
    before = signal.signal(signal.SIGINT, _leave)
    from chatops.cli import main as run

    signal.signal(signal.SIGINT, before)
    run()


if __name__ == "__main__":
    sys.exit(main())
