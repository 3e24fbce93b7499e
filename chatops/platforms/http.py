"""The one place that speaks HTTP: sessions, retries, throttling, and what a failure means.

Which calls may be sent twice decides everything here. A call that is `repeatable` (reads, and
writes that set a state) is tried again after a lost answer; any other raises `AmbiguousError`,
and the engine reads before it does anything else.
"""

import json
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from chatops.errors import (
    AmbiguousError,
    ApiError,
    CredentialError,
    ServerError,
    UnreachableError,
)
from chatops.platforms.base import Network

__all__ = ["Http", "read_json"]

log = logging.getLogger("chatops.http")

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

TRIES = 4
LONGEST_WAIT = 600.0
"""Seconds that all waits for one throttled call may take together."""


class Http:
    """Calls to one server, from any thread.

    `authorize` gives the headers that say who we are, asked anew for each call. `problem` turns
    an error answer into an ApiError (or CredentialError). `throttled` reads from a 429 how many
    seconds to wait. Paths are relative to `base`.
    """

    def __init__(
        self,
        base: str,
        network: Network,
        *,
        problem: Callable[[requests.Response, str], Exception],
        throttled: Callable[[requests.Response], float | None],
        side_by_side: int = 8,
    ) -> None:
        self.base = base.rstrip("/")
        self.network = network
        self.authorize: Callable[[], Mapping[str, str]] = dict
        self.calls = 0
        self._problem = problem
        self._throttled = throttled
        self._local = threading.local()
        self._gate = threading.BoundedSemaphore(max(1, side_by_side))

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> requests.Response:
        """Send one call and return its answer, which is a success.

        `repeatable` defaults to yes for GET, PUT and DELETE. Raises UnreachableError,
        AmbiguousError, CredentialError or ApiError.
        """
        again = method in ("GET", "PUT", "DELETE", "HEAD") if repeatable is None else repeatable
        where = f"{method} {path}"
        waited, attempt = 0.0, 0
        while True:
            attempt += 1
            started = time.monotonic()
            try:
                with self._gate:
                    self.calls += 1
                    answer = self._session().request(
                        method,
                        self.base + path,
                        json=body if files is None else None,
                        data=body if files is not None else None,
                        files=files,
                        params=params,
                        headers={**self.authorize(), **(headers or {})},
                        timeout=(self.network.connect_timeout, self.network.read_timeout),
                        allow_redirects=False,
                        proxies=self._past_proxies,
                        # Said with each call: REQUESTS_CA_BUNDLE beats what a session says.
                        verify=self.network.ca_file or None,
                    )
            except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
                # The error's own text shows the header, and with it the token.
                raise CredentialError(
                    "the credential holds characters that cannot be sent",
                    hint="a line break, or a letter that no token has: copy it again",
                ) from None
            except requests.exceptions.ProxyError as error:
                named = self.network.proxy or "of the environment"
                raise UnreachableError(
                    f"the proxy {named} does not let us through: {_reason(error)}",
                    hint="check `proxy` in environment.yaml, --proxy, or HTTPS_PROXY",
                ) from error
            except requests.exceptions.SSLError as error:
                if "WRONG_VERSION_NUMBER" in str(error):
                    raise UnreachableError(
                        f"{self.base} does not speak https", hint="is it http:// there?"
                    ) from error
                raise UnreachableError(
                    f"the certificate of {self.base} is not trusted: {_reason(error)}",
                    hint="give the CA's certificate as `ca_file` in environment.yaml or --ca-file",
                ) from error
            except (
                requests.exceptions.InvalidURL,
                requests.exceptions.MissingSchema,
                requests.exceptions.InvalidSchema,
            ) as error:
                raise UnreachableError(
                    f"{self.base} is not an address that can be called",
                    hint="write it as https://chat.example.com",
                ) from error
            except requests.exceptions.RequestException as error:
                log.debug("%s failed after %.3fs: %s", where, time.monotonic() - started, error)
                unsent = _never_sent(error)
                if (unsent or again) and attempt < TRIES:
                    self._pause(attempt)
                    continue
                if unsent or again:
                    raise UnreachableError(
                        f"no answer from {self.base}: {_reason(error)}",
                        hint="check the address and that the server runs",
                    ) from error
                raise AmbiguousError(f"the answer to {where} was lost: {_reason(error)}") from error
            log.debug("%s → %s in %.3fs", where, answer.status_code, time.monotonic() - started)
            if answer.status_code == 429:
                pause = self._throttled(answer)
                pause = 1.0 if pause is None else max(0.05, pause)
                if waited + pause > LONGEST_WAIT:
                    raise self._problem(answer, where)
                log.info("the server throttles %s, waiting %.0f s", where, pause)
                waited += pause
                attempt -= 1
                time.sleep(pause)
                continue
            if answer.status_code in (500, 502, 503, 504):
                if again and attempt < TRIES:
                    self._pause(attempt)
                    continue
                problem = self._problem(answer, where)
                if again or not isinstance(problem, ApiError):
                    raise problem
                raise AmbiguousError(
                    f"{answer.status_code} from {where}: {problem.message}"
                ) from problem
            if 300 <= answer.status_code < 400:
                # Followed, a POST would become a GET, and the token go to a stranger.
                target = answer.headers.get("Location", "another address")
                raise UnreachableError(
                    f"{self.base} sends us on to {target}",
                    hint="give that address (without its path) as the server's own",
                )
            if answer.status_code >= 400:
                raise self._problem(answer, where)
            return answer

    @property
    def _past_proxies(self) -> dict[str, str]:
        """A proxy of the environment is for the world outside: what is here it could only read."""
        host = urlsplit(self.base).hostname or ""
        return {"no_proxy": host} if _is_loopback(host) else {}

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.mount("http://", HTTPAdapter(pool_maxsize=2, max_retries=0))
            session.mount("https://", HTTPAdapter(pool_maxsize=2, max_retries=0))
            session.headers["User-Agent"] = "chatops"
            # A token of ours must never be replaced by a line of somebody's ~/.netrc.
            session.auth = _nobody
            if self.network.proxy:
                session.proxies = {"http": self.network.proxy, "https": self.network.proxy}
            self._local.session = session
        # The session's cookies would beat the token of a later call (Mattermost: cookie first).
        session.cookies.clear()
        return session

    @staticmethod
    def _pause(attempt: int) -> None:
        time.sleep(min(8.0, 0.2 * 3 ** (attempt - 1)) * random.uniform(0.8, 1.2))


def _is_loopback(host: str) -> bool:
    """Whether a host is the machine itself."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def read_json(answer: requests.Response) -> Any:
    """What an answer says in JSON. Raises ValueError where it is none, ServerError for a bomb."""
    try:
        data = answer.json()
        if _HALF.search(answer.content):
            # Half a letter can be neither printed nor sent on.
            text = json.dumps(data, ensure_ascii=False)
            data = json.loads(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    except RecursionError:
        raise ServerError(
            f"{answer.request.method} {answer.url} answered what no chat server does: "
            "lists within lists, thousands of them",
            hint="check the address: is it the chat's?",
        ) from None
    return data


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _reason(error: BaseException) -> str:
    """The innermost words of a nested network error."""
    text = str(error)
    seen = error
    while True:
        inner = seen.__cause__ or seen.__context__ or (seen.args[0] if seen.args else None)
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    words = getattr(seen, "strerror", None) or str(seen) or text
    if isinstance(error, requests.exceptions.Timeout):
        words = "timed out"
    return str(words).split("\n", 1)[0][:200]
