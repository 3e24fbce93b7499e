"""Accounts: what one is made of, how others see it, how it is made and switched off."""

import hashlib
import hmac
import os

from chatops.sandbox.mattermost.errors import refuse
from chatops.sandbox.mattermost.permissions import is_admin
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call
from chatops.sandbox.mattermost.words import is_email, is_username, listed, new_id, plain
from chatops.sandbox.store import Doc

LOCALES = set(
    listed("bg de en en-AU es fa fr hu it ja ka ko lt nl pl pt-BR ro ru sv tr uk vi zh-CN zh-TW")
)
NOTIFICATIONS = {
    "channel": "true",
    "comments": "never",
    "desktop": "mention",
    "desktop_sound": "true",
    "desktop_threads": "all",
    "email": "true",
    "email_threads": "all",
    "first_name": "false",
    "mention_keys": "",
    "push": "mention",
    "push_status": "online",
    "push_threads": "all",
}
TIMEZONE = {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"}
# Fields that are left out while they are empty, as Go's `omitempty` has it.
_OMITTED = (
    "create_at", "update_at", "auth_data", "email_verified", "props", "notify_props",
    "last_password_update", "last_picture_update", "failed_attempts",
    "is_bot", "bot_description", "remote_id",
)  # fmt: skip
LONGEST_LOCALE = 5
_LONGEST = {"nickname": 64, "position": 128, "first_name": 64, "last_name": 64}
MAXIMUM_PASSWORD = 72


def own(user: Doc) -> Doc:
    """A user as they see themselves, and as the answer to a change shows them."""
    shown = {key: value for key, value in user.items() if key != "password"}
    return _without_empty(shown)


def profile(site: Site, user: Doc, *, admin: bool) -> Doc:
    """A user as others see them; administrators see more."""
    hidden = {"password", "email_verified", "last_password_update"}
    shown = {key: value for key, value in user.items() if key not in hidden}
    if not admin:
        for key in ("notify_props", "failed_attempts"):
            shown.pop(key, None)
        shown["auth_service"] = ""
        if not site.setting("PrivacySettings", "ShowEmailAddress"):
            shown["email"] = ""
        if not site.setting("PrivacySettings", "ShowFullName"):
            shown |= {"first_name": "", "last_name": ""}
        return _without_empty(shown) | {"auth_data": ""}
    return _without_empty(shown)


def seen_by(call: Call, user: Doc) -> Doc:
    """A user as the caller sees them."""
    if user["id"] == call.my_id:
        return own(user)
    return profile(call.site, user, admin=is_admin(call))


def _without_empty(shown: Doc) -> Doc:
    empty = {
        key
        for key in _OMITTED
        if key in shown and not shown[key] and not (key == "remote_id" and shown[key] == "")
    }
    return {key: value for key, value in shown.items() if key not in empty}


def hashed(password: str) -> str:
    """A password as it is kept. Cheap on purpose: this is a sandbox."""
    salt = os.urandom(8)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=16, r=4, p=1, dklen=24)
    return f"{salt.hex()}:{digest.hex()}"


def is_password(kept: str, given: str) -> bool:
    """Whether this is the password that is kept."""
    salt, _, digest = kept.partition(":")
    if not digest:
        return False
    again = hashlib.scrypt(given.encode(), salt=bytes.fromhex(salt), n=16, r=4, p=1, dklen=24)
    return hmac.compare_digest(again.hex(), digest)


def check_password(site: Site, password: str) -> None:
    """Stop unless a password is as long and as mixed as the settings ask for."""
    wanted = site.config["PasswordSettings"]
    size = len(password.encode())
    faults = ""
    if size < wanted["MinimumLength"]:
        faults = "_min_length"
    elif size > MAXIMUM_PASSWORD:
        faults = "_max_length"
    else:
        kinds = (
            ("Lowercase", "_lowercase", str.islower),
            ("Uppercase", "_uppercase", str.isupper),
            ("Number", "_number", str.isdigit),
            ("Symbol", "_symbol", lambda c: not c.isalnum()),
        )
        for key, word, holds in kinds:
            if wanted[key] and not any(holds(char) for char in password):
                faults += word
    if faults:
        refuse(f"model.user.is_valid.pwd{faults}.app_error")


def check(user: Doc) -> None:
    """Stop at the first field that a user may not have."""
    if not is_username(user["username"]):
        refuse("model.user.is_valid.username.app_error")
    if len(user["email"]) > 128 or not is_email(user["email"]):
        refuse("model.user.is_valid.email.app_error")
    for key, longest in _LONGEST.items():
        if len(user[key]) > longest:
            refuse(f"model.user.is_valid.{key}.app_error")
    if len(user["locale"]) > LONGEST_LOCALE:
        refuse("model.user.is_valid.locale.app_error")
    data = user["auth_data"]
    if data and len(data) > 128:
        refuse("model.user.is_valid.auth_data.app_error")
    if data and not user["auth_service"]:
        refuse("model.user.is_valid.auth_data_type.app_error")
    if data and user["password"]:
        refuse("model.user.is_valid.auth_data_pwd.app_error")
    if len(user["roles"]) > 256:
        refuse("model.user.is_valid.roles_limit.app_error")


def check_free(site: Site, user: Doc) -> None:
    """Stop if somebody else, active or not, has the address or the name."""
    for key in ("email", "username"):
        found = site.users.find(key, user[key])
        if found is not None and found["id"] != user["id"]:
            refuse(f"app.user.save.{key}_exists.app_error")


def in_domains(address: str, domains: str) -> bool:
    """Whether an address lies in one of the domains; no domains means any."""
    wanted = domains.replace("@", " ").replace(",", " ").lower().split()
    return not wanted or any(address.lower().endswith("@" + domain) for domain in wanted)


def create(site: Site, given: Doc) -> Doc:
    """Make an account. The first one on a server administers it."""
    if site.full:
        refuse("api.user.create_user.user_limits.exceeded")
    email = given.get("email", "").strip()
    if not in_domains(email, site.setting("TeamSettings", "RestrictCreationToDomains")):
        refuse("api.user.create_user.accepted_domain.app_error")
    password, service = given.get("password", ""), given.get("auth_service", "")
    if not service:
        check_password(site, password)
    now = site.now()
    locale = given.get("locale", "")
    user = {
        "id": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "username": plain(given.get("username", "") or new_id()).lower(),
        "password": password,
        "auth_data": given.get("auth_data") or None,
        "auth_service": service,
        "email": email.lower(),
        "email_verified": given.get("email_verified", False),
        "nickname": plain(given.get("nickname", "")),
        "first_name": plain(given.get("first_name", "")),
        "last_name": plain(given.get("last_name", "")),
        "position": given.get("position", ""),
        "roles": "system_user"
        if site.active_people or anybody(site)
        else "system_admin system_user",
        "props": given.get("props") or {},
        "notify_props": given.get("notify_props") or dict(NOTIFICATIONS),
        "last_password_update": now,
        "last_picture_update": 0,
        "failed_attempts": 0,
        "locale": locale
        if locale in LOCALES
        else site.setting("LocalizationSettings", "DefaultClientLocale"),
        "timezone": given.get("timezone") or dict(TIMEZONE),
        "remote_id": "",
        "disable_welcome_email": False,
    }
    check(user)
    check_free(site, user)
    if password:
        user["password"] = hashed(password)
    return site.save_user(user)


def anybody(site: Site) -> bool:
    """Whether the server has people at all."""
    return any(not user.get("is_bot") for user in site.users.all())


def set_active(site: Site, user: Doc, *, active: bool) -> None:
    """Switch an account; off it loses its sessions, and its bots are disabled with it."""
    if active and site.full:
        refuse("app.user.update_active.user_limit.exceeded")
    now = site.now()
    site.save_user(user | {"update_at": now, "delete_at": 0 if active else now})
    if active:
        return
    for session in site.sessions.where("user", user["id"]):
        site.sessions.delete(session["id"])
    if not user.get("is_bot") and site.setting(
        "ServiceSettings", "DisableBotsWhenOwnerIsDeactivated"
    ):
        for bot in site.bots.all():
            if bot["owner_id"] == user["id"] and not bot["delete_at"]:
                set_active(site, site.user(bot["user_id"]), active=False)
                site.bots.put(bot["user_id"], bot | {"delete_at": now, "update_at": now})


def erase(site: Site, user: Doc) -> None:
    """Delete an account and its memberships for good; what they wrote stays."""
    set_active(site, user, active=False)
    for member in site.team_members.where("user", user["id"]):
        site.team_members.delete(f"{member['team_id']}:{user['id']}")
    for member in site.channel_members.where("user", user["id"]):
        site.channel_members.delete(f"{member['channel_id']}:{user['id']}")
    site.forget_user(user)
