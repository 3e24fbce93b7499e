"""Accounts for programs, and their tokens.

Nobody but the account itself can make a token for it (`users.createToken` wants a secret that the
server was started with, and none is by default). So a bot gets a password, which is in the vault
before the account is made, signs in once with it, and makes a personal access token, which needs
the role `user`. The role `bot` comes last: an account of ours without it is half made, and the
next run finishes it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import (
    Change,
    Credential,
    Output,
    Problem,
    Removal,
    Result,
    Run,
    Scope,
)
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.handlers.pictures import picture_of, set_picture
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.refusals import GONE, code_of_error
from chatops.platforms.rocketchat.robots import ROLE, is_robot, no_mailbox, without_mailbox
from chatops.resources import UNKNOWN, Bot, Ids, Kind, Live, Picture
from chatops.secrets import Secret, invent_password

__all__ = ["Bots"]

TOKEN = "chatops"
"""What our token of a bot is called among its tokens."""

NO_DOMAIN = frozenset(
    {"error-email-domain-blacklisted", "error-invalid-domain", "error-invalid-email"}
)
"""The server takes addresses of certain domains only."""


class Bots:
    """Reads who has the role `bot`, one by one: the list tells neither rooms nor descriptions."""

    removal = Removal.DEACTIVATE

    def __init__(self, client: Client, places: Places, factor_missing: str) -> None:
        self._client = client
        self._places = places
        self._locked = (
            dict.fromkeys(("display_name", "description", "token"), factor_missing)
            if factor_missing
            else {}
        )

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Bot]]:
        """Who is there. People with the role `bot` are told, but nothing is ever done to them."""
        wanted = None if scope is None else {key.folded for key in scope}
        if wanted is None:
            rows = self._client.every("roles.getUsersInRole", "users", role=ROLE)
            asked = [{"userId": str(row["_id"])} for row in rows if row.get("_id")]
        else:
            asked = [{"username": key.name} for key in scope or ()]
        for row in self._client.side(self._info, asked):
            if row is None or ROLE not in (row.get("roles") or ()):
                continue
            live = Live(
                resource=_bot(row, ids),
                id=str(row["_id"]),
                archived=row.get("active") is False,
                protected=row.get("type", "user") != "user" or not is_robot(row),
                locked=self._locked,
            )
            if wanted is None or live.key.folded in wanted:
                yield live

    def create(self, want: Bot, run: Run) -> Result:
        """Make the account and its token, or finish one that an earlier run left half made."""
        there = self._info({"username": want.username})
        if there is not None and (ROLE in (there.get("roles") or ()) or not without_mailbox(there)):
            raise ApiError(
                f"there is an account {want.username} already",
                status=0,
                code="taken",
                hint="choose another name for the bot, or give that account the role bot",
            )
        password = self._new_password(want, run)
        if there is None:
            ident = self._account(want, password)
        else:
            ident = str(there["_id"])
            self._active(ident, True)
            self._write(ident, {"password": password.reveal(), **_texts(want)})
        failed = self._dress(want, ident, run)
        outputs = self._finish(want, ident, password, run)
        self._places.robots.add(ident)
        return Result(id=ident, outputs=outputs, failed=failed)

    def update(self, change: Change[Bot], run: Run) -> Result:
        """Write the changed fields."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        outputs: Mapping[str, Output] = {}
        if "active" in change.changed and want.active is True:
            outputs = self._bring_back(want, have.id, run)
        data = _texts(want, change.changed)
        if data:
            self._write(have.id, data)
        if "token" in change.changed and not outputs:
            outputs = self._renew(want, have.id, run)
        if "picture" in change.changed and isinstance(want.picture, Picture | str):
            set_picture(self._client, have.id, want.picture)
        failed: dict[str, Problem] = {}
        if "channels" in change.changed and isinstance(want.channels, frozenset):
            before = have.resource.channels
            new = want.channels - (before if isinstance(before, frozenset) else frozenset())
            failed = self._enter(have.id, new, run)
        if "active" in change.changed and want.active is False:
            self._active(have.id, False)
        return Result(id=have.id, failed=failed, outputs=outputs)

    def remove(self, have: Live[Bot], run: Run) -> Result:
        """Deactivate: its tokens stop, what it wrote stays."""
        self._active(have.id, False)
        return Result(id=have.id)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """The id that goes with its token. The token itself is shown once only."""
        return {"user_id": Output(have.id)}

    def _info(self, asked: Mapping[str, str]) -> Row | None:
        try:
            row = self._client.get("users.info", **asked, includeUserRooms="true").get("user")
        except ApiError as error:
            if error.code in GONE:
                return None
            raise
        return row if isinstance(row, dict) else None

    def _bring_back(self, want: Bot, ident: str, run: Run) -> Mapping[str, Output]:
        """Let it in again. The server took its tokens when it was sent away: it gets a new one."""
        row = self._info({"userId": ident}) or {}
        if not without_mailbox(row):
            self._active(ident, True)
            return {}
        # Half made from here on, so that a run that is cut off is finished by the next one.
        self._client.post(
            "roles.removeUserFromRole",
            {"roleId": ROLE, "username": want.username},
            repeatable=True,
            done={"error-user-not-in-role"},
        )
        self._active(ident, True)
        return self._renew(want, ident, run)

    def _renew(self, want: Bot, ident: str, run: Run) -> Mapping[str, Output]:
        """A new token under the old one's name, which ends it."""
        password = self._new_password(want, run)
        self._write(ident, {"password": password.reveal()})
        return self._finish(want, ident, password, run)

    def _new_password(self, want: Bot, run: Run) -> Secret:
        """On disk before the account has it: whoever knows it can make a token anew."""
        password = invent_password()
        run.keep(want.key, {"password": Output(password)})
        return password

    def _finish(self, want: Bot, ident: str, password: Secret, run: Run) -> Mapping[str, Output]:
        """Its token, then the role that says that it is whole."""
        token = self._token(want.username, password)
        outputs = {"token": Output(token), "user_id": Output(ident)}
        run.keep(want.key, outputs)
        self._client.post(
            "roles.addUserToRole",
            {"roleId": ROLE, "username": want.username},
            repeatable=True,
            done={"error-user-already-in-role"},
        )
        return outputs

    def _account(self, want: Bot, password: Secret) -> str:
        body: dict[str, Any] = {
            "username": want.username,
            "name": want.username,
            "email": no_mailbox(want.username),
            "password": password.reveal(),
            # Only this role may make tokens; what a bot may besides is up to the role bot.
            "roles": ["user"],
            "requirePasswordChange": False,
            "verified": False,
            "sendWelcomeEmail": False,
            "joinDefaultChannels": False,
            **_texts(want),
        }
        try:
            made = self._client.post("users.create", body)
        except ApiError as error:
            domain = self._domain() if error.code in NO_DOMAIN else ""
            if not domain:
                raise
            body["email"] = no_mailbox(want.username, domain)
            made = self._client.post("users.create", body)
        return str((made.get("user") or {}).get("_id", ""))

    def _domain(self) -> str:
        """The first domain that addresses may have."""
        value = self._client.get("settings/Accounts_AllowedDomainsList").get("value")
        names = (name.strip() for name in str(value or "").split(","))
        return next((name for name in names if name), "")

    def _token(self, username: str, password: Secret) -> Secret:
        """Sign in as the bot and have it make its token."""
        credential = Credential(username=username, password=password)
        bot = Client(self._client.http.base, self._client.http.network, credential, side_by_side=1)
        bot.sign_in()
        body = {"tokenName": TOKEN, "bypassTwoFactor": True}
        try:
            try:
                made = bot.post("users.generatePersonalAccessToken", body)
            except ApiError as error:
                if error.code != "error-token-already-exists":
                    raise
                made = bot.post("users.regeneratePersonalAccessToken", {"tokenName": TOKEN})
        finally:
            bot.sign_out()
        return Secret(str(made["token"]))

    def _dress(self, want: Bot, ident: str, run: Run) -> dict[str, Problem]:
        """Its picture, and the channels that it is in: it stands without them, too."""
        failed: dict[str, Problem] = {}
        if isinstance(want.picture, Picture):
            try:
                set_picture(self._client, ident, want.picture)
            except ServerError as error:
                failed["picture"] = Problem(error.message, code_of_error(error), error.hint)
        if isinstance(want.channels, frozenset):
            failed |= self._enter(ident, want.channels, run)
        return failed

    def _enter(self, ident: str, channels: Iterable[str], run: Run) -> dict[str, Problem]:
        failed: dict[str, Problem] = {}
        for name in sorted(channels):
            try:
                place = self._places.place(run.ids.get(Kind.CHANNEL, name))
                body = {"roomId": place.id, "userId": ident}
                self._client.post(f"{place.family}.invite", body, repeatable=True)
            except ServerError as error:
                failed[f"channels.{name}"] = Problem(
                    f"cannot be added to {name}: {error.message}", code_of_error(error), error.hint
                )
        return failed

    def _write(self, ident: str, data: dict[str, Any]) -> None:
        # What is left out is wiped by some releases, so it goes along as it is.
        row = self._info({"userId": ident}) or {}
        kept = {key: row[key] for key in ("bio", "nickname") if row.get(key)}
        body = {"userId": ident, "data": kept | data}
        self._client.post("users.update", body, repeatable=True)

    def _active(self, ident: str, active: bool) -> None:
        self._client.post(
            "users.setActiveStatus",
            {"userId": ident, "activeStatus": active, "confirmRelinquish": False},
            repeatable=True,
            done=() if active else GONE,
        )


def _texts(want: Bot, changed: Iterable[str] = ("display_name", "description")) -> dict[str, Any]:
    fields = {"name": ("display_name", want.display_name), "bio": ("description", want.description)}
    return {
        key: value
        for key, (field, value) in fields.items()
        if isinstance(value, str) and field in changed and (value or key == "bio")
    }


def _bot(row: Row, ids: Ids) -> Bot:
    rooms = row.get("rooms")
    names: Any = UNKNOWN
    if isinstance(rooms, list):
        found = (ids.name(Kind.CHANNEL, str(room.get("rid"))) for room in rooms)
        names = frozenset(name for name in found if name)
    name = " ".join(str(row.get("name") or "").split())
    return Bot(
        username=str(row["username"]),
        display_name=name,
        description=" ".join(str(row.get("bio") or "").split()),
        picture=picture_of(row),
        channels=names,
        active=row.get("active") is not False,
    )
