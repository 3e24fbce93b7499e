"""What happens, told at once: the websocket at /api/v4/websocket.

Told are posts (written, changed, deleted, whispered), reactions and typing: what programs wait
for. Of the many other events of a real server (members, channels, settings, who is there) there is
none. Shapes and order as a real 11.2 gave them; actions from server/channels/wsapi.
"""

import asyncio
import contextlib
import json
import re
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from chatops.sandbox.mattermost.errors import forbidden, refuse
from chatops.sandbox.mattermost.permissions import has_in_channel, is_admin
from chatops.sandbox.mattermost.presence import status_of
from chatops.sandbox.mattermost.sessions import session_of
from chatops.sandbox.mattermost.shown import shown
from chatops.sandbox.mattermost.state import Event, Site
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.mattermost.words import is_id, new_id
from chatops.sandbox.store import Doc

routes = Routes()

_MENTION = re.compile(r"(?<![\w.])@([a-z0-9._-]+)", re.IGNORECASE)
_EVERYBODY = {"all", "channel", "here"}
_PATIENCE = 30  # seconds for the token, as model.WebSocketAuthTimeout has it


def tell_post(site: Site, name: str, post: Doc, **more: Any) -> None:
    """Tell a channel of a post."""
    site.tell(
        Event(name, {"post": json.dumps(shown(site, post))} | more, channel=post["channel_id"])
    )


def tell_posted(site: Site, post: Doc) -> None:
    """Tell a channel of a new post, with all that saves a program from asking."""
    channel, author = site.channels.get(post["channel_id"]), site.users.get(post["user_id"])
    if channel is None:
        return
    sender = (
        "System" if post["type"].startswith("system_") or not author else f"@{author['username']}"
    )
    data = {
        "channel_display_name": sender if channel["type"] == "D" else channel["display_name"],
        "channel_name": channel["name"],
        "channel_type": channel["type"],
        "post": json.dumps(shown(site, post)),
        "sender_name": sender,
        "set_online": True,
        "team_id": channel["team_id"],
    }
    site.tell(Event("posted", data, channel=channel["id"], mentions=_called(site, channel, post)))


def _called(site: Site, channel: Doc, post: Doc) -> frozenset[str]:
    """Whom a post calls: by name, all of a channel, or the other one of two."""
    members = {m["user_id"] for m in site.channel_members.where("channel", channel["id"])}
    names = {name.lower().rstrip(".-_") for name in _MENTION.findall(post["message"])}
    if post["type"].startswith("system_"):
        return frozenset()
    if channel["type"] in "DG" or names & _EVERYBODY:
        return frozenset(members - {post["user_id"]})
    found = (site.users.find("username", name) for name in names)
    return frozenset(user["id"] for user in found if user and user["id"] in members)


class Connection:
    """One program that listens."""

    def __init__(self, site: Site, socket: WebSocket, version_id: str) -> None:
        self._site = site
        self._socket = socket
        self._version_id = version_id
        self._ident = new_id()
        self._user = ""
        self._sequence = 0
        self._waiting: asyncio.Queue[Doc] = asyncio.Queue()

    async def serve(self) -> None:
        """Until one of both leaves."""
        await self._socket.accept()
        header = self._socket.headers.get("authorization", "").partition(" ")[2]
        if header:
            self._enter(header)
        sending = asyncio.create_task(self._send())
        try:
            with contextlib.suppress(WebSocketDisconnect, TimeoutError):
                while True:
                    patience = None if self._user else _PATIENCE
                    text = await asyncio.wait_for(self._socket.receive_text(), patience)
                    if not self._act(text):
                        await self._socket.close()
                        return
        finally:
            sending.cancel()
            with contextlib.suppress(ValueError):
                self._site.listeners.remove(self.hear)

    async def _send(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await self._socket.send_text(json.dumps(await self._waiting.get()))

    def _enter(self, token: str) -> bool:
        """Take somebody in by their token, and say hello."""
        session = session_of(self._site, token)
        if session is None:
            return False
        self._user = session["user_id"]
        hello = {
            "connection_id": self._ident,
            "server_hostname": "sandbox",
            "server_version": self._version_id,
        }
        self.hear(Event("hello", hello, user=self._user))
        self._site.listeners.append(self.hear)
        return True

    def hear(self, event: Event) -> None:
        """Pass an event on, if it is this one's."""
        if self._user in event.omit or (event.user and event.user != self._user):
            return
        if event.channel and f"{event.channel}:{self._user}" not in self._site.channel_members:
            return
        data = dict(event.data)
        if self._user in event.mentions:
            data["mentions"] = json.dumps([self._user])
        broadcast = {
            "omit_users": dict.fromkeys(event.omit, True) or None,
            "user_id": event.user,
            "channel_id": event.channel,
            "team_id": "",
            "connection_id": "",
            "omit_connection_id": "",
        }
        told = {"event": event.name, "data": data, "broadcast": broadcast, "seq": self._sequence}
        self._waiting.put_nowait(told)
        self._sequence += 1

    def _act(self, text: str) -> bool:
        """Do what is asked, and answer. False: this connection is not to go on."""
        try:
            asked = json.loads(text)
            number, action = int(asked["seq"]), str(asked["action"])
        except (ValueError, KeyError, TypeError):
            return False
        given = asked.get("data") if isinstance(asked.get("data"), dict) else {}
        answer: Doc = {"status": "OK", "seq_reply": number}
        if action == "authentication_challenge":
            if not self._user and not self._enter(str(given.get("token", ""))):
                return False
        elif not self._user:
            answer = self._refused(number, "api.web_socket_router.not_authenticated.app_error", 401)
        elif action == "ping":
            now, version = self._site.now(), self._site.version
            about = {"node_id": "", "server_time": now, "text": "pong", "version": version}
            answer["data"] = about
        elif action == "user_typing":
            self._type(str(given.get("channel_id", "")), str(given.get("parent_id", "")))
        elif action in ("get_statuses", "get_statuses_by_ids"):
            people = given.get("user_ids") or [s["user_id"] for s in self._site.statuses.all()]
            known = [str(u) for u in people if is_id(str(u))]
            answer["data"] = {u: status_of(self._site, u)["status"] for u in known}
        else:
            answer = self._refused(number, "api.web_socket_router.bad_action.app_error", 500)
        self._waiting.put_nowait(answer)
        return True

    def _type(self, channel: str, parent: str) -> None:
        if f"{channel}:{self._user}" in self._site.channel_members:
            tell_typing(self._site, self._user, channel, parent)

    @staticmethod
    def _refused(number: int, ident: str, status: int) -> Doc:
        error = {"id": ident, "message": ident, "detailed_error": "", "status_code": status}
        return {"status": "FAIL", "seq_reply": number, "error": error}


def tell_typing(site: Site, user_id: str, channel: str, parent: str) -> None:
    """Tell a channel that somebody types; they know it themselves."""
    data = {"parent_id": parent, "user_id": user_id}
    site.tell(Event("typing", data, channel=channel, omit=frozenset({user_id})))


@routes.post("/users/{user_id}/typing")
def typing(call: Call) -> Doc:
    """Say that one types."""
    user_id = call.ident("user_id")
    given = call.record("typing_request", {"channel_id": str, "parent_id": str})
    if user_id != call.my_id and not is_admin(call):
        forbidden()
    user, channel = call.site.users.get(user_id) or {}, given.get("channel_id", "")
    if not has_in_channel(call.site, user, channel, "create_post"):
        forbidden()
    tell_typing(call.site, user_id, channel, given.get("parent_id", ""))
    return OK


@routes.get("/websocket", session=False)
def not_a_websocket(call: Call) -> None:
    """Asked as a page."""
    refuse("api.web_socket.connect.upgrade.app_error")
