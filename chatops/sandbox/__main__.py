"""`python -m chatops.sandbox`: the server itself, and its start and stop for the playbooks.

stdout is one line of JSON with `changed` in it, or, for `serve`, the address.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chatops.sandbox import process
from chatops.sandbox.server import WORKSPACES, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.verb == "serve":
            if options.data is None:
                serve(options.product, options.port, None, options.host or "127.0.0.1")
            else:
                process.run(
                    options.product,
                    options.data.absolute(),
                    port=options.port,
                    host=options.host or "127.0.0.1",
                )
            return 0
        state = options.state.absolute()
        if options.verb == "start":
            done = process.start(
                options.product,
                state,
                port=options.port,
                host=options.host,
                check=options.check,
            )
        elif options.verb == "stop":
            done = process.stop(options.product, state)
        elif options.verb == "reset":
            done = process.reset(options.product, state)
        else:
            done = process.status(options.product, state)
    except process.ProcessError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return 1
    print(done.to_json())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chatops.sandbox", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, what in (
        ("serve", "be the server, until told to stop"),
        ("start", "have it running in the background"),
        ("stop", "have it stopped"),
        ("status", "tell whether it runs"),
        ("reset", "stop it and delete what it kept"),
    ):
        part = verbs.add_parser(verb, help=what)
        part.add_argument("product", choices=sorted(WORKSPACES))
        if verb == "serve":
            part.add_argument("--data", type=Path, help="its state folder; in memory unless said")
        else:
            part.add_argument("--state", type=Path, required=True, help="its state folder")
        if verb in ("serve", "start"):
            part.add_argument("--port", type=int, default=0, help="0: any")
            part.add_argument("--host", default="", help="127.0.0.1 unless said")
        if verb == "start":
            part.add_argument("--check", action="store_true", help="only tell what would be done")
    return parser


if __name__ == "__main__":
    sys.exit(main())
