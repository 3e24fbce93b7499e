"""The stand-in as a whole: its routes, its first people and rooms, its picture."""

import math
import time

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as StarletteRoute

from chatops.sandbox.rocketchat import (
    chat_api,
    direct_api,
    directory_api,
    emoji_api,
    family_api,
    files_api,
    hours_api,
    integrations_api,
    livechat_api,
    membership_api,
    own_account_api,
    people,
    reading_api,
    roles_api,
    rooms_api,
    server_api,
    session_api,
    setters_api,
    settings_api,
    teams_api,
    users_api,
)
from chatops.sandbox.rocketchat.licences import Licence
from chatops.sandbox.rocketchat.limiter import Limiter
from chatops.sandbox.rocketchat.refusals import too_many
from chatops.sandbox.rocketchat.rights import Rights
from chatops.sandbox.rocketchat.state import CAT, GENERAL, State, milliseconds, short_id
from chatops.sandbox.rocketchat.web import Dispatcher, Route, as_json
from chatops.sandbox.store import Doc, Store
from chatops.sandbox.workspace import (
    ChannelView,
    MessageView,
    PersonView,
    TeamView,
    WorkspaceView,
)

SUBJECTS = (
    session_api,
    users_api,
    own_account_api,
    directory_api,
    family_api,
    setters_api,
    membership_api,
    rooms_api,
    teams_api,
    direct_api,
    chat_api,
    files_api,
    reading_api,
    roles_api,
    settings_api,
    integrations_api,
    emoji_api,
    livechat_api,
    hours_api,
    server_api,
)
LATEST = 50


def all_routes() -> list[Route]:
    """Every endpoint."""
    return [route for subject in SUBJECTS for route in subject.routes.all]


class RocketChatWorkspace:
    """A community Rocket.Chat 8.3, as the recordings show it.

    `limiter` overrides when the rate limiter is on: as the real one, it is off in the very first
    run of an empty server and on after each restart. `air_gapped`: it never reached the vendor's
    cloud and is locked, as servers without a licence are then. `licence`: the plan it has one of
    ("Pro", "Enterprise"); what that changes was read in the source, not recorded.
    """

    product = "rocketchat"
    version = server_api.VERSION

    def __init__(
        self,
        store: Store,
        site_url: str,
        limiter: bool | None = None,
        air_gapped: bool = False,
        licence: str = "",
    ) -> None:
        self.state = State(store, site_url)
        self.state.air_gapped = air_gapped
        self.state.licence = Licence(licence) if licence else None
        first = not len(self.state.users)
        self.rights = Rights(self.state)
        self.limiter = Limiter(self.state.settings, not first if limiter is None else limiter)
        if first:
            self._found()

    def _found(self) -> None:
        """The person and the room that every server begins with."""
        state = self.state
        cat: Doc = {"_id": CAT, "createdAt": state.now(), "services": {}, "avatarOrigin": "local"}
        cat |= {"name": "Rocket.Cat", "username": CAT, "type": "bot", "roles": ["bot"]}
        cat |= {"status": "online", "statusDefault": "online", "active": True, "utcOffset": 0}
        state.save_user(cat | {"avatarETag": short_id()})
        author = {"_id": CAT, "username": CAT, "name": "Rocket.Cat"}
        room: Doc = {"_id": GENERAL, "ts": state.now(), "t": "c", "name": "general"}
        room |= {"usernames": [], "msgs": 0, "usersCount": 0, "u": author, "default": True}
        state.save_room(room)

    def seed_admin(self, username: str, password: str, email: str) -> None:
        """The administrator that the environment names, if there is none yet."""
        state = self.state
        if state.users.where("role", "admin") or state.named(username):
            return
        user = people.new_person(state, username, "Administrator", password, email)
        user["services"].pop("email2fa", None)
        del user["settings"]
        user |= {"roles": ["admin"], "statusDefault": "online", "avatarOrigin": "none"}
        state.save_user(user | {"utcOffset": 0})
        # A server that starts with an admin moves its wizard on.
        state.settings.set("Show_Setup_Wizard", "in_progress")

    def app(self) -> Starlette:
        """All endpoints behind one door, which knows them by their names."""
        door = Dispatcher(self.state, self.rights, self.limiter, all_routes())
        verbs = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
        return Starlette(routes=[StarletteRoute("/{path:path}", door.answer, methods=verbs)])

    def refusal(self, status: int, retry_after: int) -> Response:
        """429 with the headers that stand in for Retry-After, or a failure of the server."""
        if status != 429:
            return PlainTextResponse("Internal Server Error", status)
        body = too_many(max(math.ceil(retry_after), 1)).body
        reset = str(int((time.time() + retry_after) * 1000))
        headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0"}
        return as_json(body, 429, headers | {"X-RateLimit-Reset": reset})

    def view(self) -> WorkspaceView:
        """What is there, team by team; rooms in no team come last."""
        state = self.state
        teams = []
        for team in [*state.teams.all(), None]:
            inside = state.rooms.where("team", team["_id"]) if team else self._loose()
            channels = tuple(self._channel(room) for room in inside)
            name = team["name"] if team else ""
            main = state.room(team["roomId"]) if team else None
            archived = bool(main and main.get("archived"))
            title = (main or {}).get("fname") or name
            teams.append(TeamView(name, title, archived, channels))
        persons = tuple(
            PersonView(
                user["username"],
                user.get("name") or "",
                user.get("customFields", {}).get("title", ""),
                tuple(user["roles"]),
                user["active"],
            )
            for user in state.users.all()
        )
        return WorkspaceView(str(state.settings["Site_Name"]), tuple(teams), persons)

    def _loose(self) -> list[Doc]:
        kinds = [*self.state.rooms.where("kind", "c"), *self.state.rooms.where("kind", "p")]
        return [room for room in kinds if not room.get("teamId")]

    def _channel(self, room: Doc) -> ChannelView:
        state = self.state
        said = sorted(state.messages.where("room", room["_id"]), key=lambda m: str(m["ts"]))
        return ChannelView(
            room["name"],
            room.get("fname") or room["name"],
            room.get("topic") or "",
            room.get("description") or "",
            room["t"] == "p",
            bool(room.get("archived")),
            tuple(sub["u"]["username"] for sub in state.subs.where("room", room["_id"])),
            tuple(self._message(message) for message in said[-LATEST:]),
        )

    def _message(self, message: Doc) -> MessageView:
        text = message["msg"] if not message.get("t") else f"{message['t']} {message['msg']}"
        time_said = milliseconds(message["ts"])
        return MessageView(message["u"]["username"], text, time_said, bool(message.get("t")))
