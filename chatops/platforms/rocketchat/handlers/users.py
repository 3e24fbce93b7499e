"""People."""

from collections.abc import Iterable, Iterator
from typing import Any

from chatops.errors import AmbiguousError, ApiError, ServerError
from chatops.platforms.base import Change, Onboarding, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.refusals import (
    FORBIDDEN,
    GONE,
    NO_ENDPOINT,
    NO_REASON,
    code_of_error,
)
from chatops.platforms.rocketchat.robots import is_robot
from chatops.platforms.rocketchat.rolebook import RoleBook
from chatops.resources import ADMIN, GUEST, MEMBER, UNKNOWN, Ids, Kind, Live, Picture, User
from chatops.secrets import Secret, invent_password

__all__ = ["Users"]

FEW = 3
"""Up to so many people are asked for by name, more by the list."""

CROWD = 10_000
"""The server puts its list of people into one document of its database, which holds 16 MB."""

ROLE_OF: dict[str, str] = {ADMIN: "admin", GUEST: "guest", MEMBER: "user"}

CLEAN = FORBIDDEN | {
    "taken",
    "refused",
    NO_REASON,
    "invalid-params",
    "error-field-unavailable",
    "error-blocked-username",
    "error-input-is-not-a-valid-field",
    "error-the-field-is-required",
    "error-password-policy-not-met",
    "error-license-user-limit-reached",
    "error-max-guests-number-reached",
    "error-too-many-requests",
    "totp-required",
    "totp-invalid",
}
"""Refusals of `users.create` after which nobody has come into being."""


class Users:
    """Reads everybody, deactivated people included; writes person by person."""

    removal = Removal.DEACTIVATE

    def __init__(
        self, client: Client, places: Places, book: RoleBook, factor_missing: str, *, people: int
    ) -> None:
        self._client = client
        self._places = places
        self._book = book
        self._at_once = 0 < people <= CROWD
        # Roles and activity have calls of their own, which ask for no second factor.
        self._locked = (
            dict.fromkeys(("username", "name", "email", "password"), factor_missing)
            if factor_missing
            else {}
        )
        self._mails = False

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[User]]:
        """Who is there. Bots are told, but nothing is ever done to them."""
        for row in self._rows(scope):
            if not isinstance(row.get("username"), str):
                continue
            robot = is_robot(row)
            if robot:
                self._places.robots.add(row["_id"])
            live = Live(
                resource=_user(row, self._book),
                id=row["_id"],
                archived=row.get("active") is False,
                protected=robot,
                locked=self._locked,
            )
            if scope is None or any(live.key.folded == key.folded for key in scope):
                yield live

    def create(self, want: User, run: Run) -> Result:
        """Make a person, who has to set a password of their own at the first sign-in."""
        password = want.password if isinstance(want.password, Secret) else invent_password()
        email = want.email if isinstance(want.email, str) else ""
        body = {
            "username": want.username,
            "name": want.name if isinstance(want.name, str) and want.name else want.username,
            "email": email,
            "password": password.reveal(),
            "roles": [*_wire_roles(want.roles, ["user"]), *self._own(want.own_roles, run)],
            "requirePasswordChange": run.way_in(want.key) is Onboarding.FILE,
            # A verified address makes the server ask for a code by e-mail at each sign-in.
            "verified": False,
            "sendWelcomeEmail": False,
        }
        try:
            made = self._client.post("users.create", body).get("user") or {}
        except ApiError as error:
            if error.code in CLEAN:
                raise
            # Old releases fail half way and leave the person behind: the engine looks again.
            raise AmbiguousError(
                f"{want.username} may or may not have been made: {error.message}", hint=error.hint
            ) from error
        ident = str(made.get("_id", ""))
        failed: dict[str, Problem] = {}
        if isinstance(want.picture, Picture):
            try:
                self._picture(ident, want.picture)
            except ServerError as error:
                # The person is there all the same; the next plan shows what is missing.
                failed["picture"] = Problem(error.message, code_of_error(error), error.hint)
        if run.way_in(want.key) is Onboarding.MAIL:
            failed |= self._mail(email)
        return Result(id=ident, failed=failed)

    def update(self, change: Change[User], run: Run) -> Result:
        """Bring back first, put away last, and in between one write for what it can hold."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        if "active" in change.changed and want.active is True:
            self._active(have.id, True)
        data: dict[str, Any] = {
            field: getattr(want, field)
            for field in ("username", "name", "email")
            if field in change.changed and isinstance(getattr(want, field), str)
        }
        if "password" in change.changed and isinstance(want.password, Secret):
            data |= {"password": want.password.reveal(), "requirePasswordChange": False}
        if data:
            # What is left out is wiped by some releases, so it goes along as it is.
            row = self._client.get("users.info", userId=have.id).get("user") or {}
            data |= {key: row[key] for key in ("bio", "nickname") if row.get(key)}
            if "email" in data and _verified(row):
                data["verified"] = True
            self._client.post("users.update", {"userId": have.id, "data": data}, repeatable=True)
        if "picture" in change.changed and isinstance(want.picture, Picture):
            self._picture(have.id, want.picture)
        if "roles" in change.changed and isinstance(want.roles, frozenset):
            renamed = "username" in change.changed
            username = want.username if renamed else have.resource.username
            self._roles(username, have.resource.roles, want.roles)
        if "own_roles" in change.changed and isinstance(want.own_roles, frozenset):
            username = want.username if "username" in change.changed else have.resource.username
            old = have.resource.own_roles
            before = old if isinstance(old, frozenset) else frozenset()
            self._give(username, self._own(want.own_roles - before, run))
            self._take(username, self._own(before - want.own_roles, run))
        if "active" in change.changed and want.active is False:
            self._active(have.id, False)
        return Result(id=have.id)

    def remove(self, have: Live[User], run: Run) -> Result:
        """Deactivate."""
        self._active(have.id, False)
        return Result(id=have.id)

    def _rows(self, scope: Scope) -> Iterator[Row]:
        names = [key.name for key in scope] if scope is not None else []
        if scope is not None and len(names) <= FEW:
            found = [self._find(name) for name in names]
            # The look-up minds the case of letters, names do not.
            if all(row is not None for row in found):
                yield from (row for row in found if row is not None)
                return
        yield from self._client.every(
            "users.list", "users", at_once=self._at_once, sort='{"_id":1}'
        )

    def _find(self, name: str) -> Row | None:
        try:
            row = self._client.get("users.info", username=name).get("user")
        except ApiError as error:
            if error.code in GONE:
                return None
            raise
        return row if isinstance(row, dict) else None

    def _picture(self, ident: str, picture: Picture) -> None:
        self._client.upload("users.setAvatar", {"userId": ident}, "image", picture, repeatable=True)

    def _active(self, ident: str, active: bool) -> None:
        # Without confirmRelinquish the server refuses to delete rooms that nobody else owns.
        self._client.post(
            "users.setActiveStatus",
            {"userId": ident, "activeStatus": active, "confirmRelinquish": False},
            repeatable=True,
            done=() if active else GONE,
        )

    def _roles(self, username: str, old: object, new: frozenset[str]) -> None:
        """Give what is missing, then take what is too much; roles of other names stay."""
        before = old if isinstance(old, frozenset) else frozenset()
        if GUEST in new:
            give, take = ["guest"], ["user"]
        else:
            # Admins are users as well; the first one of a server need not be one yet.
            give, take = ["user"], []
        if ADMIN in new:
            give = ["admin"]
        take += [ROLE_OF[role] for role in (ADMIN, GUEST) if role in before - new]
        self._give(username, give)
        self._take(username, take)

    def _own(self, names: object, run: Run) -> list[str]:
        """The identifiers of the company's own roles. Raises ApiError for one that is not there."""
        found = []
        for name in sorted(names) if isinstance(names, frozenset) else ():
            ident = run.ids.find(Kind.ROLE, name)
            if ident is None:
                raise ApiError(f"the server has no role {name}", status=0, code="error-no-role")
            found.append(ident)
        return found

    def _give(self, username: str, roles: Iterable[str]) -> None:
        for role in roles:
            self._client.post(
                "roles.addUserToRole",
                {"roleId": role, "username": username},
                repeatable=True,
                done={"error-user-already-in-role"},
            )

    def _take(self, username: str, roles: Iterable[str]) -> None:
        for role in roles:
            self._client.post(
                "roles.removeUserFromRole",
                {"roleId": role, "username": username},
                repeatable=True,
                done={"error-user-not-in-role"},
            )

    def _mail(self, email: str) -> dict[str, Problem]:
        """Have the server send its reset mail. It says yes even when it can send none."""
        try:
            if not self._mails:
                self._mails = self._can_mail()
            if not self._mails:
                raise ApiError(
                    "the server has no mail server set up and sent nothing",
                    status=0,
                    code="no-smtp",
                    hint="set smtp, or use onboarding: file",
                )
            self._client.post("users.forgotPassword", {"email": email}, repeatable=True)
        except ServerError as error:
            return {"mail": Problem(error.message, code_of_error(error), error.hint)}
        return {}

    def _can_mail(self) -> bool:
        try:
            return self._client.get("smtp.check").get("isSMTPConfigured") is not False
        except ApiError as error:
            if error.code == NO_ENDPOINT or error.code in FORBIDDEN:
                return True
            raise


def _user(row: Row, book: RoleBook) -> User:
    roles = row.get("roles") or []
    neutral = ADMIN if "admin" in roles else GUEST if "guest" in roles else MEMBER
    return User(
        username=row["username"],
        name=" ".join(str(row.get("name") or "").split()),
        email=_address(row).strip().lower(),
        title="",
        # A tag tells that there is one of their own; it is scaled and shown in another form.
        picture=UNKNOWN if row.get("avatarETag") else "",
        roles=frozenset({neutral}),
        own_roles=book.names(roles),
        active=row.get("active") is not False,
    )


def _first_email(row: Row) -> dict[str, Any]:
    emails = row.get("emails")
    return emails[0] if isinstance(emails, list) and emails else {}


def _address(row: Row) -> str:
    return str(_first_email(row).get("address") or "")


def _verified(row: Row) -> bool:
    return _first_email(row).get("verified") is True


def _wire_roles(roles: object, default: list[str]) -> list[str]:
    if not isinstance(roles, frozenset) or not roles:
        return default
    if ADMIN in roles:
        return ["user", "admin"]
    return ["guest"] if GUEST in roles else ["user"]
