"""People."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Change, Onboarding, Problem, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import done_already, problem_of
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.roster import Roster, is_person
from chatops.resources import (
    ADMIN,
    GUEST,
    MEMBER,
    UNKNOWN,
    Ids,
    Key,
    Kind,
    Live,
    Maybe,
    Picture,
    User,
)
from chatops.secrets import Secret

__all__ = ["UsersHandler", "names_of", "picture_of", "set_picture"]

AUTOMATIC = "useAutomaticTimezone"


def names_of(name: str) -> tuple[str, str]:
    """A full name as the server keeps it: the first word, and the rest."""
    first, _, last = " ".join(name.split()).partition(" ")
    return first, last


class UsersHandler:
    """Accounts of people. Bots, and people of linked servers, are not ours and never shown."""

    removal = Removal.DEACTIVATE

    def __init__(self, client: Client, roster: Roster) -> None:
        self._client = client
        self._roster = roster

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[User]]:
        """All accounts, deactivated ones too; or those of the names asked for, in one call."""
        if scope is not None:
            rows: Iterable[Mapping[str, Any]] = self._roster.find({key.name for key in scope})
        else:
            rows = list(self._client.pages("/users"))
            for row in rows:
                self._roster.note(row)
            self._roster.complete = True
        found = [_live(row) for row in rows if is_person(row)]
        for live in found:
            ids.put(live.key, live.id)
        return found

    def create(self, want: User, run: Run) -> Result:
        """Make the account without a welcome mail; then its role; then the mail asked for."""
        if not isinstance(want.password, Secret):
            raise ServerError(
                f"the account of {want.username} does not exist yet, and cannot be made here",
                hint="with onboarding sso it comes to be when the person first signs in",
            )
        body = {
            "username": want.username,
            "password": want.password.reveal(),
            "email_verified": True,
            # Without this each person made by an administrator gets a mail at once.
            "disable_welcome_email": True,
            **_fields(want, ("email", "name", "title", "locale", "timezone")),
        }
        row = self._client.post("/users", body)
        ident = str(row["id"])
        self._roster.note(row)
        run.ids.put(Key(Kind.USER, want.username), ident)
        failed: dict[str, Problem] = {}
        try:
            if isinstance(want.roles, frozenset):
                self._set_role(row, want.roles)
        except ServerError as error:
            failed["roles"] = problem_of(error)
        try:
            self._set_picture(ident, want.picture)
        except ServerError as error:
            failed["picture"] = problem_of(error)
        if run.way_in(want.key) is Onboarding.MAIL and isinstance(want.email, str):
            try:
                self._client.post("/users/password/reset/send", {"email": want.email})
            except ServerError as error:
                failed["mail"] = problem_of(error)
        if want.active is False:
            self._set_active(ident, False)
        return Result(id=ident, failed=failed)

    def update(self, change: Change[User], run: Run) -> Result:
        """Back in first, out last, so that what is between is done on a live account."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        ident = have.id
        if "active" in change.changed and want.active is True:
            self._set_active(ident, True)
        fields = _fields(want, change.changed)
        if fields:
            row = self._client.put(f"/users/{ident}/patch", fields)
            self._roster.note(row)
            _check_taken(row, fields)
        if "picture" in change.changed:
            self._set_picture(ident, want.picture)
        if "username" in change.changed:
            run.ids.put(Key(Kind.USER, want.username), ident)
        if "roles" in change.changed and isinstance(want.roles, frozenset):
            self._set_role(self._client.get(f"/users/{ident}"), want.roles)
        if "password" in change.changed and isinstance(want.password, Secret):
            self._client.put(f"/users/{ident}/password", {"new_password": want.password.reveal()})
        if "active" in change.changed and want.active is False:
            self._set_active(ident, False)
        return Result(id=ident)

    def remove(self, have: Live[User], run: Run) -> Result:
        """Deactivate: the account and all it wrote stay."""
        self._set_active(have.id, False)
        return Result(id=have.id)

    def _set_active(self, ident: str, active: bool) -> None:
        self._client.put(f"/users/{ident}/active", {"active": active})

    def _set_picture(self, ident: str, picture: Maybe[Picture | str]) -> None:
        if isinstance(picture, Picture):
            set_picture(self._client, ident, picture)

    def _set_role(self, row: Mapping[str, Any], roles: frozenset[str]) -> None:
        """Make this the person's built-in role; the other roles of the account stay."""
        ident, held = row["id"], row["roles"].split()
        if "system_guest" in held and GUEST not in roles:
            self._switch(f"/users/{ident}/promote")
            held = ["system_user" if role == "system_guest" else role for role in held]
        wanted = [role for role in held if role != "system_admin"]
        if ADMIN in roles:
            wanted.append("system_admin")
        if sorted(wanted) != sorted(held):
            # The whole string is replaced, and without system_user it is refused.
            self._client.put(f"/users/{ident}/roles", {"roles": " ".join(wanted)})
        if GUEST in roles and "system_guest" not in held:
            self._switch(f"/users/{ident}/demote")

    def _switch(self, path: str) -> None:
        try:
            self._client.post(path, repeatable=True)
        except ApiError as error:
            if not done_already(error):
                raise


def set_picture(client: Client, ident: str, picture: Picture) -> None:
    """Give an account its picture, of which the server keeps a copy of its own size."""
    image = ("image", picture.data)
    client.form(f"/users/{ident}/image", {}, {"image": image}, repeatable=True)


def picture_of(row: Mapping[str, Any]) -> Maybe[Picture | str]:
    """Whether an account has a picture of its own. A negative time is that of its initials."""
    return UNKNOWN if row.get("last_picture_update", 0) > 0 else ""


def _zone(row: Mapping[str, Any]) -> str:
    """The time zone that was chosen for a person; empty while it is that of their device."""
    zone = row.get("timezone") or {}
    return str(zone.get("manualTimezone", "")) if zone.get(AUTOMATIC) == "false" else ""


def _live(row: Mapping[str, Any]) -> Live[User]:
    roles = row["roles"].split()
    role = ADMIN if "system_admin" in roles else GUEST if "system_guest" in roles else MEMBER
    active = not row["delete_at"]
    return Live(
        resource=User(
            username=row["username"],
            name=" ".join(f"{row['first_name']} {row['last_name']}".split()),
            email=row["email"].lower(),
            title=row["position"],
            locale=row["locale"],
            timezone=_zone(row),
            picture=picture_of(row),
            roles=frozenset({role}),
            active=active,
        ),
        id=row["id"],
        archived=not active,
        locked=_locked(row.get("auth_service") or ""),
    )


def _locked(service: str) -> Mapping[str, str]:
    """What an account that signs in elsewhere (by the name of the service) cannot change here."""
    if not service:
        return {}
    why = f"the person signs in through {service}, which decides this"
    fields = ("username", "password", "active") if service == "ldap" else ("username", "password")
    return dict.fromkeys(fields, why)


def _fields(want: User, names: Iterable[str]) -> dict[str, Any]:
    """The fields of the account that carry these fields of ours, those that are set."""
    fields: dict[str, Any] = {}
    for name in names:
        value = getattr(want, name)
        if not isinstance(value, str):
            continue
        if name == "name":
            fields["first_name"], fields["last_name"] = names_of(value)
        elif name == "title":
            fields["position"] = value
        elif name == "timezone":
            fields[name] = {AUTOMATIC: "false", "manualTimezone": value, "automaticTimezone": ""}
        elif name in ("email", "username", "locale"):
            fields[name] = value
    return fields


def _check_taken(row: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """An address that must be confirmed first is answered with 200 and not stored."""
    kept = [
        name
        for name, value in fields.items()
        if isinstance(value, str) and str(row.get(name)).lower() != value.lower()
    ]
    if kept:
        raise ApiError(
            f"the server answered yes and kept its own {', '.join(kept)}",
            status=200,
            code="",
            call="PUT /users/{id}/patch",
            hint="with EmailSettings.RequireEmailVerification the person must confirm a new address"
            if "email" in kept
            else "",
        )
