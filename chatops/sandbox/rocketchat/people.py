"""People: accounts, passwords, sessions, and how they are shown."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from chatops.sandbox.rocketchat.listing import only, without, words
from chatops.sandbox.rocketchat.refusals import Refused, coded, failure
from chatops.sandbox.rocketchat.settings_table import TABLE
from chatops.sandbox.rocketchat.state import State, hashed, short_id
from chatops.sandbox.store import Doc

# What `me` and `login` tell people about themselves.
OWN_FIELDS = words(
    "_id name username nickname emails status statusDefault statusText bio avatarOrigin utcOffset "
    "language roles active customFields requirePasswordChange requirePasswordChangeReason "
    "_updatedAt avatarETag"
)
INFO_FIELDS = words(
    "_id name username nickname status statusText type active bio utcOffset avatarETag"
)
FULL_FIELDS = words(
    "emails createdAt lastLogin roles customFields requirePasswordChange inactiveReason"
)
# What those who are no administrators are not told of others.
LIMITED = words(
    "avatarOrigin emails phone createdAt lastLogin services requirePasswordChange "
    "requirePasswordChangeReason roles statusDefault _updatedAt settings inviteToken"
)
LIST_FIELDS = words("_id name username emails roles status active avatarETag lastLogin type")
PREFERENCE = "Accounts_Default_User_Preferences_"
PREFERENCES = [ident for ident in TABLE if ident.startswith(PREFERENCE)]


def digest(password: Any) -> str:
    """The SHA-256 that clients may send in place of a password; empty for nonsense."""
    if isinstance(password, dict):
        given = password.get("digest")
        return given.lower() if isinstance(given, str) else ""
    return hashlib.sha256(str(password).encode()).hexdigest()


def hash_password(password: Any) -> str:
    """A password as it is kept. The cost is a sandbox's, not a bank's."""
    salt = secrets.token_hex(8)
    return f"{salt}${_stretch(digest(password), salt)}"


def _stretch(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), 100).hex()


def password_fits(user: Doc, password_digest: str) -> bool:
    """Whether this digest is that of the person's password."""
    kept = user["services"].get("password", {}).get("hash", "")
    salt, _, stretched = kept.partition("$")
    return bool(stretched) and hmac.compare_digest(_stretch(password_digest, salt), stretched)


def check_policy(state: State, password: str) -> None:
    """Refuse a password that the server's policy does not allow."""
    settings = state.settings
    prefix = "Accounts_Password_Policy_"
    if settings[prefix + "Enabled"] is not True:
        return
    least, most = settings.number(prefix + "MinLength"), settings.number(prefix + "MaxLength")
    repeats = settings.number(prefix + "ForbidRepeatingCharactersCount")
    demands = [
        ("minLength", "minimum length", not least > 0 or len(password) >= least),
        ("maxLength", "maximum length", not most > 0 or len(password) <= most),
        (
            "repeatingCharacters",
            "repeating characters",
            settings[prefix + "ForbidRepeatingCharacters"] is not True
            or not re.search(rf"(.)\1{{{repeats},}}", password),
        ),
        *(
            (name, words, settings[prefix + key] is not True or bool(re.search(found, password)))
            for key, name, words, found in (
                ("AtLeastOneLowercase", "oneLowercase", "lowercase", r"[a-z]"),
                ("AtLeastOneUppercase", "oneUppercase", "uppercase", r"[A-Z]"),
                ("AtLeastOneNumber", "oneNumber", "number", r"[0-9]"),
                ("AtLeastOneSpecialCharacter", "oneSpecial", "special character", r"[^A-Za-z0-9 ]"),
            )
        ),
    ]
    details = [
        {
            "error": f"error-password-policy-not-met-{name}",
            "message": f"The password does not meet the {words} password policy.",
        }
        for name, words, met in demands
        if not met
    ]
    if details:
        raise failure(
            "The password provided does not meet the server's password policy.",
            "error-password-policy-not-met",
            details,
        )


def username_allowed(state: State, username: str) -> bool:
    """Whether a user name is made of the letters allowed."""
    try:
        letters = re.compile(f"(?:{state.settings.text('UTF8_User_Names_Validation')})")
    except re.error:
        letters = re.compile("[0-9a-zA-Z-_.]+")
    return bool(letters.fullmatch(username))


def username_free(state: State, username: str) -> bool:
    """Whether nobody, and no team, has a name. Refuses the reserved ones."""
    settings = state.settings
    blocked = f"{settings.text('Accounts_BlockedUsernameList')}," + settings.text(
        "Accounts_SystemBlockedUsernameList"
    )
    reserved = {name.strip().lower() for name in blocked.split(",")} | {"all", "here"}
    if username.lower() in reserved - {""}:
        raise coded(
            "error-blocked-username",
            f"{username} is blocked and can't be used!",
            method="checkUsernameAvailability",
            field=username,
        )
    return not state.named(username) and not state.teams.find("name", username.lower())


def check_email(state: State, address: str) -> None:
    """Refuse what is no address, or one of a domain that the server does not take."""
    details = {"function": "RocketChat.validateEmailDomain", "email": address}
    if not re.fullmatch(r"[^@]+@[^@]+", address):
        raise coded("error-invalid-email", f"Invalid email {address}", **details)
    domain = address.rpartition("@")[2].strip().lower()
    allowed, blocked = (
        {part.strip().lower() for part in state.settings.text(key).split(",") if part.strip()}
        for key in ("Accounts_AllowedDomainsList", "Accounts_BlockedDomainsList")
    )
    if (allowed and domain not in allowed) or domain in blocked:
        raise coded("error-email-domain-blacklisted", "The email domain is blacklisted", **details)


def email_free(state: State, address: str) -> bool:
    """Whether nobody has an address."""
    return not state.users.find("email", address.lower())


def new_person(state: State, username: str, name: str | None, password: Any, email: str) -> Doc:
    """A fresh account, not yet in any room."""
    services: Doc = {"password": {"hash": hash_password(password)}}
    if state.settings["Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In"] is True:
        services["email2fa"] = {"enabled": True}
    user: Doc = {
        "_id": short_id(),
        "createdAt": state.now(),
        "services": services,
        "username": username,
        "emails": [{"address": email, "verified": False}] if email else [],
        "type": "user",
        "roles": default_roles(state),
        "status": "offline",
        "active": True,
        "settings": {},
    }
    if name is not None:
        user["name"] = name
    return user


def active(state: State) -> int:
    """How many people can sign in."""
    return sum(user["active"] and user["type"] == "user" for user in state.users.all())


def guests(state: State) -> int:
    """How many of them are guests and nothing else."""
    return sum(user["active"] and user["roles"] == ["guest"] for user in state.users.all())


def check_guests(state: State, roles: list[str], before: list[str]) -> None:
    """Refuse a guest more than the licence allows; without one nobody counts them."""
    new = roles == ["guest"] and before != ["guest"]
    if new and state.licence and guests(state) >= state.licence.guests:
        raise coded(
            "error-max-guests-number-reached",
            "Maximum number of guests reached.",
            method="insertOrUpdateUser",
            field="Assign_role",
        )


def default_roles(state: State) -> list[str]:
    """The roles of a new account."""
    text = state.settings.text("Accounts_Registration_Users_Default_Roles")
    return [role.strip() for role in text.split(",") if role.strip()] or ["user"]


def open_session(state: State, user: Doc, **more: Any) -> str:
    """A new token for somebody; the token itself is shown once and not kept."""
    token = secrets.token_urlsafe(32)
    doc = {"_id": hashed(token), "userId": user["_id"], "when": state.now(), **more}
    if more:
        doc["last"] = token[-6:]
    state.sessions.put(doc["_id"], doc)
    return token


def close_sessions(state: State, uid: str, keep: str = "", personal: bool = True) -> None:
    """Log somebody out everywhere, less one session; personal tokens too, or not."""
    for session in state.sessions.where("user", uid):
        if session["_id"] != keep and (personal or session.get("type") != "personalAccessToken"):
            state.sessions.delete(session["_id"])


def rooms_of(state: State, uid: str) -> list[str]:
    """The channels and groups that somebody is in."""
    return [sub["rid"] for sub in state.subs_of(uid) if sub["t"] in "cp"]


def whole(state: State, user: Doc) -> Doc:
    """A person as an administrator gets them back after a change."""
    doc = without(user, "services")
    rooms = rooms_of(state, user["_id"])
    if rooms:
        doc["__rooms"] = rooms
    return doc


def services_shown(user: Doc) -> Doc:
    """Which ways in somebody has, without the secrets."""
    shown: Doc = {}
    if "email2fa" in user["services"]:
        shown["email2fa"] = user["services"]["email2fa"]
    if "password" in user["services"]:
        shown["password"] = {"exists": True}
    return shown


def myself(state: State, user: Doc) -> Doc:
    """What `me` says."""
    defaults = {ident.removeprefix(PREFERENCE): state.settings[ident] for ident in PREFERENCES}
    own = user.get("settings") or {}
    return {
        **only(user, OWN_FIELDS),
        "services": services_shown(user),
        "settings": {
            **own,
            "profile": own.get("profile", {}),
            "preferences": {**defaults, **own.get("preferences", {})},
            "calendar": {},
        },
        **common(state, user),
    }


def common(state: State, user: Doc) -> Doc:
    """What is made up for every view of oneself."""
    return {"avatarUrl": f"{state.site_url}/avatar/{user['username']}", "isOAuthUser": False}


def shown_to(user: Doc, full: bool) -> Doc:
    """A person as `users.info` shows them, to an administrator or to others."""
    fields = (*INFO_FIELDS, *(FULL_FIELDS if full else ()))
    doc = {k: v for k, v in only(user, fields).items() if v is not None}
    if full and doc.get("inactiveReason") is None:
        doc.pop("inactiveReason", None)
    return {**doc, "canViewAllInfo": full}


def from_params(state: State, params: Doc) -> Doc:
    """The person that a request names by identifier or name, or a refusal."""
    for key in ("userId", "username", "user"):
        value = params.get(key)
        if isinstance(value, str) and value.strip():
            user = state.user(value) if key == "userId" else state.named(value)
            if user is None:
                raise coded(
                    "error-invalid-user",
                    'The required "userId" or "username" param provided does not match any users',
                )
            return user
    raise coded(
        "error-user-param-not-provided",
        'The required "userId" or "username" param was not provided',
    )


def list_from_params(state: State, params: Doc) -> list[Doc]:
    """The people that a request names, singly or by the list; strangers are left out."""
    by_id = bool(params.get("userIds") or params.get("userId"))
    several = params.get("userIds") or params.get("usernames")
    wanted = list(several) if isinstance(several, list) else []
    wanted.append(params.get("userId") or params.get("username") or params.get("user") or "")
    if not any(wanted):
        raise coded(
            "error-users-params-not-provided",
            'Please provide "userId" or "username" or "userIds" or "usernames" as param',
        )
    names = dict.fromkeys(name for name in wanted if isinstance(name, str))
    found = [state.user(name) if by_id else state.named(name) for name in names]
    return [user for user in found if user]


def in_use(value: str, **details: str) -> Refused:
    """A name or address that somebody else has."""
    return coded("error-field-unavailable", f"{value} is already in use :(", **details, field=value)
