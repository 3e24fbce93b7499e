"""The workspace: every subject's endpoints behind one door, and the picture of what is inside."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from chatops.sandbox.mattermost import (
    bots,
    channel_members,
    channels,
    commands,
    config,
    conversations,
    emoji,
    files,
    hooks,
    jobs,
    licensed,
    listings,
    live,
    oauth_apps,
    passwords,
    people,
    plugins,
    posts,
    preferences,
    presence,
    reactions,
    roles,
    search,
    sessions,
    sidebar,
    system,
    team_members,
    teams,
    tokens,
    unlicensed,
    user_images,
    users,
)
from chatops.sandbox.mattermost.accounts import create
from chatops.sandbox.mattermost.errors import AppError
from chatops.sandbox.mattermost.limiter import Limiter
from chatops.sandbox.mattermost.picture import picture
from chatops.sandbox.mattermost.state import HARD_USER_LIMIT, Site
from chatops.sandbox.mattermost.web import Call, Endpoint, Reply, Router, Upload
from chatops.sandbox.mattermost.words import new_id
from chatops.sandbox.store import Store
from chatops.sandbox.workspace import WorkspaceView

API = "/api/v4"
_SUBJECTS = (
    system, config, sessions, users, people, passwords, tokens, user_images, teams, team_members,
    channels, listings, channel_members, conversations, posts, search, files, reactions, presence,
    live, hooks, commands, bots, emoji, oauth_apps, roles, preferences, sidebar, jobs, unlicensed,
)  # fmt: skip


class MattermostWorkspace:
    """A Mattermost server's answers over a store.

    `version` "11.6.1" and later know how to set a channel's members exactly. `user_limit` is the
    edition's cap on active people; None lifts it. `licence` (professional, enterprise) lets it pose
    as a server with one, in a few things that are written from source alone. `has_plugins`: they
    are on, and uploads too; the recorded server had neither.
    """

    product = "mattermost"

    def __init__(
        self,
        store: Store,
        site_url: str,
        version: str = "11.6.0",
        user_limit: int | None = HARD_USER_LIMIT,
        licence: str = "",
        has_plugins: bool = False,
    ) -> None:
        self.version = version
        self.site = Site(store, site_url, version, user_limit, licence, has_plugins=has_plugins)
        first = [licensed.routes] if licence else []
        first += [plugins.routes] if has_plugins else []
        later = [channel_members.exact_routes] if _number(version) >= (11, 6, 1) else []
        self._router = Router([*first, *(subject.routes for subject in _SUBJECTS), *later])
        self._limiter = Limiter.of(self.site.config["RateLimitSettings"])

    def app(self) -> Starlette:
        """The REST routes under /api/v4 and the addresses of incoming webhooks."""
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(
            routes=[
                Route(API + "/{rest:path}", self._api, methods=methods),
                Route("/hooks/{hook_id}", self._webhook, methods=["POST"]),
                WebSocketRoute(API + "/websocket", self._listen),
            ]
        )

    def seed_admin(self, username: str, password: str, email: str) -> None:
        """Make the first administrator; one who is there already stays as they are."""
        if self.site.users.find("username", username.lower()) is None:
            fields = {"username": username, "password": password, "email": email}
            user = create(self.site, fields)
            if "system_admin" not in user["roles"].split():
                self.site.save_user(user | {"roles": "system_user system_admin"})

    def view(self) -> WorkspaceView:
        """What is in the workspace now."""
        return picture(self.site)

    def refusal(self, status: int, retry_after: int) -> Response:
        """429 is plain text here, a failure is an error like any other."""
        if status == 429:
            return Limiter.refuse(limit=1, reset=retry_after, retry_after=retry_after)
        ident = "api.context.server_busy.app_error" if status == 503 else "api.marshal_error"
        return self._failure(AppError(ident, status), new_id())

    async def _listen(self, socket: WebSocket) -> None:
        await live.Connection(self.site, socket, self._version_id).serve()

    async def _api(self, request: Request) -> Response:
        request_id = new_id()
        verdict = self._limiter.judge(request) if self._limiter else None
        if verdict and verdict.refusal:
            return verdict.refusal
        response = await self._answer(request, request_id)
        if verdict:
            response.headers.update(verdict.headers)
        return response

    async def _answer(self, request: Request, request_id: str) -> Response:
        path = request.scope["path"]
        target = len(request.scope.get("raw_path", b"")) + len(request.scope["query_string"])
        if target > self.site.setting("ServiceSettings", "MaximumURLLength"):
            error = AppError("basic_security_check.url.too_long_error", 414)
            return self._failure(error, request_id)
        found = self._router.find(request.method, path.removeprefix(API))
        if found is None:
            return self._json(_unknown(path), 404, {})
        endpoint, params = found
        body = await request.body()
        call = self._call(request, endpoint, params, body)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            call.fields, call.files = await _multipart(request)
        try:
            with self.site.store.together():
                sessions.recognise(call, required=endpoint.session)
                answer = endpoint.handler(call)
        except AppError as error:
            return self._failure(error, request_id)
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        headers = {"X-Request-Id": request_id, **reply.headers}
        if isinstance(reply.body, bytes):
            headers["X-Version-Id"] = self._version_id
            return Response(reply.body, reply.status, headers, reply.content_type)
        return self._json(reply.body, reply.status, headers)

    def _call(
        self, request: Request, endpoint: Endpoint, params: dict[str, str], body: bytes
    ) -> Call:
        largest = (
            self.site.setting("FileSettings", "MaxFileSize")
            if endpoint.files
            else self.site.setting("ServiceSettings", "MaximumPayloadSizeBytes")
        )
        # Go's reader is granted 512 bytes more than the setting says.
        return Call(
            site=self.site,
            method=request.method,
            path=request.scope["path"],
            params=params,
            query=_first(request.query_params.multi_items()),
            headers=request.headers,
            body=body,
            too_large=len(body) > largest + 512,
        )

    async def _webhook(self, request: Request) -> Response:
        body = await request.body()
        fields: dict[str, Any]
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            form = await request.form()
            fields = {"payload": str(form.get("payload", ""))}
            body = fields["payload"].encode()
        try:
            with self.site.store.together():
                hooks.deliver(self.site, request.path_params["hook_id"], body)
        except AppError as error:
            return self._failure(error, new_id())
        return Response("ok", media_type="text/plain")

    def _failure(self, error: AppError, request_id: str) -> Response:
        return self._json(error.body(request_id), error.status, {"X-Request-Id": request_id})

    def _json(self, body: Any, status: int, headers: Mapping[str, str]) -> Response:
        text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
        return Response(
            text,
            status,
            {**headers, "X-Version-Id": self._version_id, "Content-Type": "application/json"},
        )

    @property
    def _version_id(self) -> str:
        return f"{self.version}.{self.version}.{self.site.config_hash}.false"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _first(items: list[tuple[str, str]]) -> dict[str, str]:
    return dict(reversed(items))


def _unknown(path: str) -> dict[str, Any]:
    return {
        "id": "api.context.404.app_error",
        "message": "Sorry, we could not find the page.",
        "detailed_error": (
            f"There doesn't appear to be an api call for the url='{path}'.  Typo? "
            "are you missing a team_id or user_id as part of the url?"
        ),
        "status_code": 404,
    }


async def _multipart(request: Request) -> tuple[dict[str, list[str]], dict[str, list[Upload]]]:
    fields: dict[str, list[str]] = {}
    files: dict[str, list[Upload]] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                files.setdefault(name, []).append(Upload(value.filename or "", content))
            else:
                fields.setdefault(name, []).append(value)
    return fields, files
