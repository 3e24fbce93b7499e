"""What a program that we start is told of our environment.

A person gives us secrets in it (`env:NAME`), under whatever names: so a list of what goes on.
"""

import os
from typing import Final

__all__ = ["PASSED_ON", "environment"]

PASSED_ON: Final = frozenset(
    (
        *("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR"),
        *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
        *("LD_LIBRARY_PATH", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY"),
        "KRB5CCNAME",
    )
)


def environment(*more: str) -> dict[str, str]:
    """The environment of a program that we start; `more` are the names that it alone needs."""
    names = PASSED_ON.union(more)
    return {name: value for name, value in os.environ.items() if name in names}
