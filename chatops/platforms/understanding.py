"""The seam at which answers become values: what no server of a product says is told as that.

The platforms read answers as their product writes them. Where one lacks a key, or holds a number
for a text, Python says so in words of its own; here they become a ServerError, in one place.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from chatops.errors import ServerError
from chatops.platforms.base import AdminSeed, Facts, Network, Platform, Release, Server, Target

__all__ = ["Understanding"]

log = logging.getLogger("chatops.answers")

_VERBS: Final = ("read", "create", "update", "remove", "outputs", "picture")
_ODD: Final = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    RecursionError,
)


class Understanding:
    """A platform as it is, but that it never stumbles over an answer."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.name = platform.name
        self.default_edition = platform.default_edition
        self.default_version = platform.default_version
        self.versions = platform.versions
        self.token_needs_user = platform.token_needs_user
        self.websocket = platform.websocket

    def facts(self, release: Release) -> Facts:
        """What this release can hold and would refuse. Offline."""
        return self._platform.facts(release)

    def answers(self, url: str, network: Network) -> bool:
        """Whether what answers at this address is this product."""
        try:
            with self._understood(url, "what it is"):
                return self._platform.answers(url, network)
        except _ForeignError:
            return False

    def is_empty(self, url: str, network: Network) -> bool:
        """Whether the server at this address has no user yet."""
        with self._understood(url, "whether it has users"):
            return self._platform.is_empty(url, network)

    def bootstrap(self, url: str, admin: AdminSeed, network: Network) -> None:
        """Register the first admin on an empty server."""
        with self._understood(url, "the first admin"):
            self._platform.bootstrap(url, admin, network)

    def connect(self, target: Target) -> Server:
        """Sign in and learn the release; its handlers are looked after as well."""
        with self._understood(target.url, "the account and the release"):
            server = self._platform.connect(target)
        for kind, handler in server.handlers.items():
            for verb in _VERBS:
                method = getattr(handler, verb, None)
                if method is not None:
                    what = f"{kind.value.replace('-', ' ')}, {verb}"
                    # A platform from elsewhere may have handlers that take nothing in.
                    with suppress(AttributeError):
                        setattr(handler, verb, self._looked_after(method, target.url, what))
        return server

    def _looked_after(self, method: Callable[..., Any], url: str, what: str) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._understood(url, what):
                found = method(*args, **kwargs)
                # Here and not later, when nobody looks after it any more.
                return list(found) if isinstance(found, Iterator) else found

        return call

    @contextmanager
    def _understood(self, url: str, what: str) -> Iterator[None]:
        try:
            yield
        except _ODD as error:
            log.debug("not understood: %s", what, exc_info=True)
            lacks = f": it lacks `{error.args[0]}`" if isinstance(error, KeyError) else ""
            raise _ForeignError(
                f"{url} answered what no server of {self.name} does ({what}){lacks}",
                hint="does something between change its answers? --debug shows each call",
            ) from error


class _ForeignError(ServerError):
    """The server does not answer as its product does."""
