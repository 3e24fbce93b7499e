"""Mattermost's REST API v4: who we are, how lists are read, and what a refusal means.

Nothing here knows a resource. Paths begin after `/api/v4`.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from chatops.errors import ApiError, CredentialError, ServerError
from chatops.platforms.base import Credential, Network, Problem
from chatops.platforms.http import Http, read_json
from chatops.platforms.mattermost.answers import Row, done_already, parse_lines, switched_off
from chatops.platforms.mattermost.refusals import MFA_CODES, SESSION_CODES, refusal
from chatops.secrets import Secret

if TYPE_CHECKING:
    from requests import Response

__all__ = ["PAGE", "Client"]

PAGE = 200
"""The largest page of any version; asking for more gives this many without a word."""

T = TypeVar("T")
U = TypeVar("U")


class _SessionExpiredError(CredentialError):
    """The session ended; with a password at hand it can be begun again."""


class Client:
    """Calls to one server as one account, from any thread.

    Without a credential it asks as nobody.
    """

    def __init__(
        self,
        url: str,
        network: Network,
        credential: Credential | None = None,
        *,
        side_by_side: int = 8,
    ) -> None:
        self.url = url.rstrip("/")
        self.side_by_side = max(1, side_by_side)
        self.http = Http(
            f"{self.url}/api/v4",
            network,
            problem=self._problem,
            throttled=_throttled,
            side_by_side=self.side_by_side,
        )
        self.http.authorize = self._headers
        self._credential = credential or Credential()
        self._token = self._credential.token.reveal() if self._credential.token else ""
        self._signing_in = threading.Lock()
        self._session_is_ours = False
        self._longest_page = 0
        self._workers: ThreadPoolExecutor | None = None
        self._starting = threading.Lock()

    # --- calls ---------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> "Response":
        """One call. A session that has ended is begun again, once, where we know the password."""
        return self._again(
            partial(self.http.call, method, path, body=body, params=params, repeatable=repeatable)
        )

    def _again(self, send: Callable[[], "Response"]) -> "Response":
        used = self._token
        try:
            return send()
        except _SessionExpiredError:
            if self._credential.password is None:
                raise
            with self._signing_in:
                if self._token == used:
                    self._sign_in()
            return send()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """What is there."""
        return self._json(self.call("GET", path, params=params))

    def put(self, path: str, body: Any = None) -> Any:
        """Set a state; sent again after a lost answer."""
        return self._json(self.call("PUT", path, body))

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> Any:
        """Make something, or with `repeatable` only ask or set a state."""
        return self._json(self.call("POST", path, body, params=params, repeatable=repeatable))

    def form(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes]],
        *,
        repeatable: bool = False,
    ) -> Any:
        """Send a form with files: field → (name of the file, its content)."""
        parts = {f: (name, data, "application/octet-stream") for f, (name, data) in files.items()}
        with_form = partial(self.http.call, "POST", path, body=fields, files=parts)
        return self._json(self._again(partial(with_form, repeatable=repeatable)))

    def delete(self, path: str) -> None:
        """Archive, deactivate, or end a membership; gone already is fine."""
        try:
            self.call("DELETE", path)
        except ApiError as error:
            if not done_already(error):
                raise

    def discard(self, path: str) -> None:
        """Delete a thing that holds no messages; gone already is fine."""
        try:
            self.call("DELETE", path)
        except ApiError as error:
            if error.status != 404:
                raise

    def pages(
        self, path: str, params: Mapping[str, Any] | None = None, *, key: str = "id"
    ) -> Iterator[Row]:
        """Every row of a list, each once: rows can move between pages while somebody writes.

        A page shorter than the longest one that this server ever gave must be the last; the
        server's own maximum is nowhere told, and differs from what is asked for.
        """
        seen: set[str] = set()
        page = 0
        while True:
            rows = self.get(path, {**(params or {}), "page": page, "per_page": PAGE})
            if not isinstance(rows, list):
                raise self._foreign(f"GET {path}")
            before = len(seen)
            for row in rows:
                if row[key] not in seen:
                    seen.add(row[key])
                    yield row
            if page and len(seen) == before:
                return  # a proxy that drops the query would send the first page for ever
            full = len(rows) >= self._longest_page
            self._longest_page = max(self._longest_page, len(rows))
            if not rows or not full:
                return
            page += 1

    def listed(self, path: str) -> list[Row]:
        """Every row of a list; none where its things are switched off, for then none is in use."""
        try:
            return list(self.pages(path))
        except ApiError as error:
            if switched_off(error):
                return []
            raise

    def lines(self, path: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of an answer that holds one JSON object a line."""
        return parse_lines(self.call("GET", path, params=params).text)

    def each(self, work: Callable[[T], U], items: Iterable[T]) -> list[U]:
        """The work done for every item, side by side; the first failure is raised."""
        listed = list(items)
        if len(listed) < 2 or self.side_by_side == 1:
            return [work(item) for item in listed]
        with self._starting:
            if self._workers is None:
                self._workers = ThreadPoolExecutor(self.side_by_side, "mattermost")
        return list(self._workers.map(work, listed))

    def refused(self, told: Mapping[str, Any] | None, call: str) -> Problem:
        """One person's error out of the answer to a batch."""
        code = str((told or {}).get("id") or "")
        ours = refusal(code)
        if ours is not None:
            return Problem(ours.message, code, ours.hint)
        words = str((told or {}).get("message") or "") or f"left out by the server ({call})"
        return Problem(words, code)

    # --- who we are ----------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Begin a session where we come with a password; a token needs none."""
        if self._token:
            return
        if self._credential.password is None or not self._credential.username:
            raise CredentialError(
                "no credential for the Mattermost server",
                hint="set CHATOPS_TOKEN, or CHATOPS_USERNAME and CHATOPS_PASSWORD",
            )
        with self._signing_in:
            self._sign_in()

    def change_password(self, new: Secret) -> None:
        """A new password for the account that signed in with one."""
        old = self._credential.password
        if old is None:
            raise CredentialError("only who signs in with a password can change it")
        me = self.get("/users/me")["id"]
        self.put(
            f"/users/{me}/password",
            {"current_password": old.reveal(), "new_password": new.reveal()},
        )
        self._credential = replace(self._credential, password=new)

    def close(self) -> None:
        """End our own session; a token that we were given stays."""
        if self._session_is_ours and self._token:
            # It ends by itself as well; a run that worked must not fail for it.
            with contextlib.suppress(ServerError):
                self.http.call("POST", "/users/logout", repeatable=False)
            self._token = ""
        if self._workers is not None:
            self._workers.shutdown()
            self._workers = None

    def _sign_in(self) -> None:
        password = self._credential.password
        assert password is not None
        self._token = ""
        answer = self.http.call(
            "POST",
            "/users/login",
            body={"login_id": self._credential.username, "password": password.reveal()},
            repeatable=True,
        )
        token = answer.headers.get("Token", "")
        if not token:
            raise self._foreign("POST /users/login")
        self._token = token
        self._session_is_ours = True

    def _headers(self) -> Mapping[str, str]:
        headers = {"Accept-Language": "en"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    # --- what an answer means ------------------------------------------------------------------

    def _json(self, answer: "Response") -> Any:
        try:
            return read_json(answer)
        except ValueError as error:
            raise self._foreign(f"{answer.request.method} {answer.request.path_url}") from error

    def _foreign(self, call: str) -> ServerError:
        return ServerError(
            f"what answers at {self.url} is not a Mattermost server (asked: {call})",
            hint="check the url: it must be the chat's address, without /api/v4",
        )

    def _problem(self, answer: "Response", call: str) -> Exception:
        status = answer.status_code
        try:
            told = read_json(answer)
        except ValueError:
            told = None
        if not isinstance(told, dict) or not isinstance(told.get("id"), str):
            return self._stranger(answer, call, told)
        code, words = told["id"], str(told.get("message", ""))
        if code in MFA_CODES:
            return CredentialError(
                "the account has a second factor, which a password alone does not answer",
                hint="give a personal access token instead: CHATOPS_TOKEN",
            )
        if status == 401:
            if code in SESSION_CODES:
                return _SessionExpiredError(
                    "the server does not know this token, or the session has ended",
                    hint="CHATOPS_TOKEN must hold a personal access token that is active",
                )
            if call == "POST /users/login":
                return CredentialError(
                    _login_words(code, words), hint="check CHATOPS_USERNAME and CHATOPS_PASSWORD"
                )
        if code == "api.context.permissions.app_error":
            return ApiError(
                "the account that runs has no permission for this",
                status=status,
                code=code,
                call=call,
                hint="run with the account, or the token, of a system administrator",
            )
        ours = refusal(code)
        return ApiError(
            ours.message if ours else words or code,
            status=status,
            code=code,
            call=call,
            hint=ours.hint if ours else "",
        )

    def _stranger(self, answer: "Response", call: str, told: Any) -> Exception:
        """An answer without Mattermost's error body: a proxy's, or another program's."""
        status = answer.status_code
        if 300 <= status < 400:
            return ServerError(
                f"{self.url} sends us on to {answer.headers.get('Location', 'somewhere else')}",
                hint="write the address that it sends to as the chat's url",
            )
        if status == 401:
            return CredentialError(
                f"something before the server asks who we are (401 from {call})",
                hint="check the proxy, and CHATOPS_TOKEN",
            )
        # The limiter of Mattermost itself answers in plain text.
        if status in (404, 405) or (status < 500 and status != 429 and told is not None):
            return self._foreign(call)
        words = " ".join(answer.text.split())[:120] if told is None else json.dumps(told)[:120]
        if "<" in words:
            words = "an HTML page"
        return ApiError(
            f"the server, or a proxy before it, answered {status}: {words}",
            status=status,
            code="",
            call=call,
        )


def _login_words(code: str, words: str) -> str:
    if "invalid_credentials" in code or "check_user_password" in code:
        return "the server does not accept this user name and password"
    if "too_many" in code:
        return "too many failed sign-ins: the server has locked the account"
    if "not_verified" in code:
        return "the account's e-mail address is not confirmed, so it cannot sign in"
    if "inactive" in code:
        return "the account is deactivated"
    return words or code


def _throttled(answer: "Response") -> float | None:
    """Seconds to wait. With the limiter by address and by user the header comes twice."""
    for name in ("Retry-After", "X-RateLimit-Reset"):
        waits = [float(w) for w in answer.headers.get(name, "").split(",") if _number(w)]
        if waits:
            return max(waits)
    return None


def _number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdigit()
