"""The wire: who we are, the second factor, paging, and answers as plain data.

Paths are those below `/api/v1/`. Filters of the server (`query`, `fields`) are never used: 7 and
8 ignore them without a word and 9.0 refuses them.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import requests

from chatops.errors import ApiError, CredentialError, ServerError
from chatops.platforms.base import Credential, Network
from chatops.platforms.http import Http, read_json
from chatops.platforms.rocketchat.refusals import (
    NO_ENDPOINT,
    SIGN_IN,
    SignedOut,
    problem,
    throttled,
)
from chatops.resources import Picture
from chatops.secrets import Secret

__all__ = ["API", "PAGE", "Client", "Row", "chunks"]

log = logging.getLogger("chatops.rocketchat")

API = "/api/v1/"
PAGE = 100
"""Rows a call at most (API_Upper_Count_Limit); a larger count is cut without a word."""

IMAGES: Mapping[bytes, str] = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
"""How image files begin; the server goes by the type that it is told."""

Row: TypeAlias = dict[str, Any]
A = TypeVar("A")
B = TypeVar("B")

GUARDED = ("settings/", "settings.addCustomOAuth", "users.update")
"""Calls that want the second factor each time since 8: it is sent at once."""


@dataclass(frozen=True)
class Form:
    """A body in parts: texts, and files with name, content and type."""

    fields: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes, str]]


class Client:
    """Calls to one server as one account. Safe to share between threads."""

    def __init__(
        self, url: str, network: Network, credential: Credential, *, side_by_side: int = 8
    ) -> None:
        self.side_by_side = max(1, side_by_side)
        self.http = Http(
            url, network, problem=problem, throttled=throttled, side_by_side=self.side_by_side
        )
        self._credential = credential
        self._lock = threading.Lock()
        self._headers: Mapping[str, str] = {}
        self._guarded = set(GUARDED)
        self._ours = False
        self._pool: ThreadPoolExecutor | None = None
        self._inside = threading.local()

    @property
    def has_password(self) -> bool:
        """Whether a second factor can be answered."""
        return self._credential.password is not None

    def sign_in(self) -> Row:
        """Become somebody; the answer is what the server says about this account."""
        credential = self._credential
        if credential.token is not None:
            if not credential.user_id:
                raise CredentialError("a token needs the id of its user beside it", hint=SIGN_IN)
            self._headers = {
                "X-Auth-Token": credential.token.reveal(),
                "X-User-Id": credential.user_id,
            }
            self.http.authorize = lambda: self._headers
            return self.get("me")
        if credential.password is None or not credential.username:
            raise CredentialError("nothing to sign in with", hint=SIGN_IN)
        with self._lock:
            return self._log_in()

    def change_password(self, new: Secret) -> None:
        """A new password for the account that signed in with one."""
        old = self._credential.password
        if old is None:
            raise CredentialError("only who signs in with a password can change it", hint=SIGN_IN)
        digest = hashlib.sha256(old.reveal().encode()).hexdigest()
        data = {"currentPassword": digest, "newPassword": new.reveal()}
        self.post("users.updateOwnBasicInfo", {"data": data})
        self._credential = replace(self._credential, password=new)

    def sign_out(self) -> None:
        """End a session that we began. A token that was given to us stays valid."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()
        if self._ours:
            self._ours = False
            try:
                self.http.call("POST", API + "logout", repeatable=True)
            except ServerError as error:
                # The work is done; a session that cannot be ended ends by itself.
                log.info("the session could not be ended: %s", error.message)
            self._headers = {}

    def info(self) -> Row:
        """What the server says about itself; the full version only to those who may see it."""
        answer = self.http.call("GET", "/api/info")
        data = _data(answer, "GET /api/info")
        if not isinstance(data.get("version") or (data.get("info") or {}).get("version"), str):
            raise ServerError(
                f"{self.http.base} is no Rocket.Chat",
                hint="check the address: it is the one that people open in the browser",
            )
        return data

    def get(self, path: str, **params: Any) -> Row:
        """Read."""
        return self._send("GET", path, params=params, body=None, repeatable=True)

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        repeatable: bool = False,
        done: Collection[str] = (),
    ) -> Row:
        """Write. An error whose code is in `done` says that it is so already: an empty answer."""
        try:
            return self._send("POST", path, params=None, body=dict(body), repeatable=repeatable)
        except ApiError as error:
            if error.code in done:
                return {}
            raise

    def put(self, path: str, body: Mapping[str, Any]) -> Row:
        """Write what the server knows by its identifier: the same again changes nothing."""
        return self._send("PUT", path, params=None, body=dict(body), repeatable=True)

    def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        field: str,
        picture: Picture,
        *,
        repeatable: bool,
    ) -> Row:
        """Send a picture as a form: its text fields, and the file under `field`."""
        ending = next((e for start, e in IMAGES.items() if picture.data.startswith(start)), "png")
        file = (f"picture.{ending}", picture.data, f"image/{ending}")
        form = Form(fields, {field: file})
        return self._send("POST", path, params=None, body=form, repeatable=repeatable)

    def every(self, path: str, key: str, *, at_once: bool = True, **params: Any) -> list[Row]:
        """All rows of a list.

        At once (`count` 0) where the server lets us, else in pages that are fetched side by
        side. The server may cut a page shorter than asked for: the first one tells the step.
        """
        first = self.get(path, **params, count=0 if at_once else PAGE, offset=0)
        rows = _rows(first, key)
        total = first.get("total")
        if not isinstance(total, int) or not rows or len(rows) >= total:
            return rows
        step = len(rows)

        def page(offset: int) -> list[Row]:
            return _rows(self.get(path, **params, count=step, offset=offset), key)

        for more in self.side(page, range(step, total, step)):
            rows += more
        # Pages can shift while somebody writes: nobody is counted twice.
        seen: dict[Any, Row] = {row.get("_id", id(row)): row for row in rows}
        return list(seen.values())

    def side(self, work: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """`work` on each item, several at a time, results in order."""
        todo = list(items)
        # A worker that waits for workers of its own pool would wait for ever.
        if len(todo) < 2 or self.side_by_side < 2 or getattr(self._inside, "pool", False):
            return [work(item) for item in todo]
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(
                    self.side_by_side, "rocketchat", initializer=self._enter
                )
            pool = self._pool
        return list(pool.map(work, todo))

    def _enter(self) -> None:
        self._inside.pool = True

    def _log_in(self) -> Row:
        password = self._credential.password
        assert password is not None
        answer = self.http.call(
            "POST",
            API + "login",
            body={"user": self._credential.username, "password": password.reveal()},
            repeatable=True,
        )
        data = _data(answer, "POST login").get("data") or {}
        self._headers = {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}
        self._ours = True
        self.http.authorize = lambda: self._headers
        return {**data.get("me", {}), "_id": data["userId"]}

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Any,
        repeatable: bool,
    ) -> Row:
        used = self._headers
        guarded = any(path.startswith(prefix) for prefix in self._guarded)
        try:
            return self._once(method, path, params, body, repeatable, factor=guarded)
        except SignedOut:
            if not self._ours:
                raise
            with self._lock:
                if self._headers is used:
                    # Until the new ones are there the old ones stay: others are at work as well.
                    self._log_in()
            return self._once(method, path, params, body, repeatable, factor=guarded)
        except ApiError as error:
            if error.code == "totp-invalid":
                raise self._factor_refused(error) from error
            if error.code != "totp-required":
                raise
            if not self.has_password or guarded:
                raise self._factor_refused(error) from error
        # Asked where it was not expected (newer releases guard more): nothing has been done yet.
        self._guarded.add(path)
        return self._send(method, path, params=params, body=body, repeatable=repeatable)

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        repeatable: bool,
        *,
        factor: bool,
    ) -> Row:
        headers = self._factor() if factor and method == "POST" else None
        form = body if isinstance(body, Form) else None
        answer = self.http.call(
            method,
            API + path,
            body=form.fields if form else body,
            files=form.files if form else None,
            params=params,
            headers=headers,
            repeatable=repeatable,
        )
        return _data(answer, f"{method} {API}{path}")

    def _factor(self) -> Mapping[str, str]:
        password = self._credential.password
        if password is None:
            return {}
        digest = hashlib.sha256(password.reveal().encode()).hexdigest()
        return {"x-2fa-code": digest, "x-2fa-method": "password"}

    def _factor_refused(self, error: ApiError) -> ApiError:
        if self.has_password:
            return ApiError(
                "the server wants a second factor that is not the password",
                status=error.status,
                code=error.code,
                call=error.call,
                hint="use an account without an authenticator app and without e-mail codes",
            )
        return ApiError(
            "this token cannot answer the second factor that the server wants for this call",
            status=error.status,
            code=error.code,
            call=error.call,
            hint="give CHATOPS_USERNAME and CHATOPS_PASSWORD instead of a token",
        )


def chunks(items: list[Any], size: int) -> Iterator[list[Any]]:
    """The items in lists of at most so many."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _data(answer: requests.Response, call: str) -> Row:
    """The answer as data. A page instead of data is what old releases say to unknown calls."""
    if not answer.content.strip():
        return {}
    try:
        data = read_json(answer)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        if call.endswith("/api/info"):
            raise ServerError(
                f"the answer to {call} does not come from Rocket.Chat",
                hint="check the address: it is the one that people open in the browser",
            )
        raise ApiError(
            "this release of Rocket.Chat has no such call",
            status=404,
            code=NO_ENDPOINT,
            call=call,
        )
    if data.get("success") is False or data.get("status") == "error":
        raise problem(answer, call)
    return data


def _rows(data: Row, key: str) -> list[Row]:
    rows = data.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
