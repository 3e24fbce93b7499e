"""What an error answer of Rocket.Chat means.

The codes stand in `errorType`, in `error`, or in brackets at the end of `error`; some answers
have prose only, some swap the two fields, and one has a number. Release 9.0 answers 403 with
`error-forbidden` where earlier ones said 400 with a code of their own.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

import requests

from chatops.errors import ApiError, CredentialError, ServerError
from chatops.platforms.http import read_json

__all__ = [
    "FORBIDDEN",
    "GONE",
    "NO_ENDPOINT",
    "NO_REASON",
    "SIGN_IN",
    "SignedOut",
    "code_of",
    "code_of_error",
    "problem",
    "throttled",
]

SIGN_IN = (
    "set CHATOPS_USERNAME and CHATOPS_PASSWORD, or CHATOPS_TOKEN and CHATOPS_USER_ID "
    "(a personal access token and the id shown with it)"
)

NO_ENDPOINT = "no-such-endpoint"
NO_REASON = "no-reason"
"""A bare `success: false`, as settings that may not be written answer."""

FORBIDDEN = frozenset(
    {
        "error-forbidden",
        "error-not-allowed",
        "error-not-authorized",
        "error-unauthorized",
        "error-action-not-allowed",
        "not-authorized",
        "not_authorized",
        "unauthorized",
        "no-permission",
    }
)
"""One thing in many words: the account may not do it, or nobody may (last owner, no licence)."""

GONE = frozenset(
    {
        "error-room-not-found",
        "error-invalid-room",
        "error-user-not-found",
        "error-invalid-user",
        "error-team-not-found",
        "team-does-not-exist",
        "invalid-room",
        "invalid-team",
    }
)

_CODE = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+")
_BRACKETS = re.compile(r"\[([^\[\]\s]+)\]\s*$")
_SECONDS = re.compile(r"must wait (\d+) seconds")

_PROSE = (
    (re.compile(r"username already exists|something went wrong\. please check", re.I), "taken"),
    (re.compile(r"^username is already in use", re.I), "taken"),
    (re.compile(r"user not found", re.I), "error-user-not-found"),
    (re.compile(r"team not found", re.I), "error-team-not-found"),
    (re.compile(r"is the same as what it would be", re.I), "unchanged"),
    (re.compile(r"is not archived", re.I), "error-room-not-archived"),
    (re.compile(r"too many requests", re.I), "error-too-many-requests"),
    (re.compile(r"password reset is not enabled", re.I), "password-reset-off"),
    (re.compile(r"^no integration found|^the integration does not exist", re.I), "no-webhook"),
    (re.compile(r"endpoint does not exist", re.I), NO_ENDPOINT),
)

_TEXTS: Mapping[str, tuple[str, str]] = {
    "taken": ("another account has this user name or e-mail address", ""),
    "error-field-unavailable": ("another account has this user name or e-mail address", ""),
    "error-blocked-username": (
        "the server does not allow this user name",
        "see the settings Accounts_BlockedUsernameList and Accounts_SystemBlockedUsernameList",
    ),
    "error-could-not-save-identity": (
        "the new user name is taken or not allowed",
        "user names, teams and channels share one space of names",
    ),
    "error-input-is-not-a-valid-field": (
        "the user name or e-mail address has characters that the server does not take",
        "",
    ),
    "error-password-policy-not-met": (
        "the password does not meet the server's password policy",
        "14 characters at least, from all four classes, is the default of Rocket.Chat 8",
    ),
    "error-license-user-limit-reached": (
        "the plan's number of active people is reached",
        "deactivate people who have left, or ask the vendor for a larger plan",
    ),
    "error-max-guests-number-reached": (
        "the licence allows no further guest",
        "deactivate guests who have left, or make this one a member",
    ),
    "user-last-owner": (
        "this person is the only owner of some rooms, which would be lost or change hands",
        "make somebody else an owner of those rooms first",
    ),
    "error-admin-required": ("the server must keep one admin at least", ""),
    "error-remove-last-owner": ("a room must keep one owner at least", ""),
    "error-you-are-last-owner": (
        "this person is the only owner of the room",
        "make somebody else an owner first",
    ),
    "last-owner-can-not-be-removed": (
        "this person is the only owner of the team",
        "name another lead first",
    ),
    "error-duplicate-channel-name": (
        "a channel, team or private group of this name exists already",
        "all rooms of a server share one space of names, archived ones too",
    ),
    "error-archived-duplicate-name": (
        "an archived room has this name",
        "bring it back instead: archived rooms keep their names",
    ),
    "error-duplicate-handle": ("a person or a team has this name already", ""),
    "room-name-already-exists": (
        "a room of this name exists already",
        "all rooms of a server share one space of names, archived ones too",
    ),
    "team-name-already-exists": ("a team or a person of this name exists already", ""),
    "error-team-creation": ("the server could not create a team of this name", ""),
    "error-invalid-room-name": ("the server does not take this name for a room", ""),
    "error-room-archived": ("the room is archived", "bring it back first"),
    "error-room-not-found": (
        "there is no such room, or it is private and this account is not in it",
        "invite the account that runs chatops into the room",
    ),
    "error-invalid-room": ("there is no such room", ""),
    "error-team-not-found": ("there is no such team", ""),
    "team-does-not-exist": ("there is no such team", ""),
    "error-user-not-found": ("there is no such person", ""),
    "error-invalid-user": ("there is no such person", ""),
    "member-does-not-exist": ("this person is not in the team", ""),
    "error-user-registration-disabled": ("registration is closed on this server", ""),
    "error-role-not-found": ("the server has no such role", ""),
    "error-empty-invite-list": ("the server knows none of these people", ""),
    "invalid-user-invite-list": ("the server knows none of these people", ""),
    "error-too-many-requests": (
        "the server throttles this account",
        "accounts with the role admin are not throttled",
    ),
    "error-setting-validation-failed": ("the server does not take this value", ""),
    "error-email-send-failed": ("the server could not send the mail", "check its SMTP settings"),
    "password-reset-off": (
        "the server sends no reset mails",
        "switch Accounts_PasswordReset on, or use onboarding: file",
    ),
    "restricted-workspace": (
        "this server has no licence and has not reached the vendor's cloud for ten days, so it is "
        "locked: nobody can write in it",
        "register the workspace and let it reach the internet, or give it a licence; until then "
        "leave `pinned` out",
    ),
    "error-message-size-exceeded": (
        "the text is longer than the server takes (Message_MaxAllowedSize, 5000 unless changed)",
        "shorten it",
    ),
    "room_is_archived": ("the channel is archived", "bring it back first"),
    "error-direct-message-max-user-exceeded": (
        "the conversation has more people than the server takes",
        "see its setting DirectMesssage_maxUsers",
    ),
    "error-user-not-in-room": ("this person is not in the room", "add them to its members"),
    "no-webhook": ("there is no such webhook", ""),
    "error-invalid-post-as-user": (
        "the account that the webhook writes as is not on the server",
        "new ones write as rocket.cat, the server's own bot: see that it is there",
    ),
    "totp-required": (
        "the server wants a second factor for this call",
        "give a user name and a password: with them chatops answers by itself",
    ),
    "totp-invalid": ("the server did not take the password as second factor", ""),
    NO_ENDPOINT: ("this release of Rocket.Chat has no such call", ""),
}

_DENIED = (
    "the account may not do this",
    "it needs the role admin; some things are kept from admins too (private groups it is not in)",
)


_EMPTY_WORDS = frozenset({"", "unauthorized", "not allowed", "not authorized", "forbidden"})


class SignedOut(CredentialError):
    """The session is not known to the server, or no longer."""


def problem(answer: requests.Response, call: str) -> Exception:
    """The exception for an error answer, or for a 200 that says `success: false`."""
    data = _json(answer)
    if data is None:
        return _not_json(answer, call)
    if answer.status_code == 401:
        return _unauthorized(data)
    code = code_of(data)
    said = _said(data)
    text, hint = _TEXTS.get(code, ("", ""))
    if not text and code in FORBIDDEN:
        text, hint = _DENIED
        if said.casefold() not in _EMPTY_WORDS and _CODE.fullmatch(said) is None:
            text = f"the server refuses: {said}"
    if not text:
        text = said or "the server refused without a word"
    elif code in ("error-blocked-username", "error-invalid-room-name", "user-last-owner"):
        text += _detail(data)
    return ApiError(text, status=answer.status_code, code=code, call=call, hint=hint)


def code_of(data: Mapping[str, Any]) -> str:
    """The machine-readable name of an error, wherever the answer has put it."""
    kind, said = data.get("errorType"), data.get("error")
    text = said if isinstance(said, str) else str(data.get("message") or "")
    if isinstance(kind, str) and _CODE.fullmatch(kind):
        return kind
    found = _BRACKETS.search(text)
    if found and _CODE.fullmatch(found[1]):
        return found[1]
    if _CODE.fullmatch(text) or text == "unauthorized":
        return text
    for pattern, code in _PROSE:
        if pattern.search(text):
            return code
    return "refused" if text else NO_REASON


def code_of_error(error: ServerError) -> str:
    """The code of an error that may or may not have one."""
    return error.code if isinstance(error, ApiError) else ""


def throttled(answer: requests.Response) -> float | None:
    """How many seconds a 429 asks us to wait.

    The header tells the moment by the server's clock, in milliseconds; the text tells the rest
    in whole seconds, which is right even when the clocks differ.
    """
    data = _json(answer) or {}
    found = _SECONDS.search(str(data.get("error", "")))
    spoken = float(found[1]) if found else None
    try:
        told: float | None = float(answer.headers.get("x-ratelimit-reset", "")) / 1000 - time.time()
    except ValueError:
        told = None
    if told is None or (spoken is not None and abs(told - spoken) > 5):
        return spoken
    return max(0.1, told + 0.1)


def _json(answer: requests.Response) -> dict[str, Any] | None:
    try:
        data = read_json(answer)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _said(data: Mapping[str, Any]) -> str:
    for key in ("error", "message", "errorType"):
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return _BRACKETS.sub("", value).strip() or value.strip(" []")
    return ""


def _detail(data: Mapping[str, Any]) -> str:
    """The names that an error is about, where the answer gives them."""
    details = data.get("details")
    if not isinstance(details, Mapping):
        return ""
    names: list[str] = []
    for key in ("field", "channel_name", "shouldBeRemoved", "shouldChangeOwner"):
        value = details.get(key)
        if isinstance(value, str):
            names.append(value)
        elif isinstance(value, list):
            names += [str(item) for item in value]
    return f": {', '.join(names)}" if names else ""


def _not_json(answer: requests.Response, call: str) -> Exception:
    status = answer.status_code
    text = answer.text.strip()
    if status >= 500 or status == 429:
        return ApiError(
            f"the server answered {status} and no more", status=status, code="", call=call
        )
    # An unknown call is 404 "404 Not Found" since 7, an empty 405 or a page before that.
    if text == "404 Not Found" or (status == 405 and not text):
        message, hint = _TEXTS[NO_ENDPOINT]
        return ApiError(message, status=status, code=NO_ENDPOINT, call=call, hint=hint)
    return ServerError(
        f"the answer to {call} does not come from Rocket.Chat (status {status})",
        hint="check the address: it is the one that people open in the browser",
    )


def _unauthorized(data: Mapping[str, Any]) -> CredentialError:
    reason = data.get("error")
    message = str(data.get("message") or "")
    if reason == "totp-required":
        method = (data.get("details") or {}).get("method", "")
        return CredentialError(
            "this account must enter a code at sign-in "
            + ("that comes by e-mail" if method == "email" else "from an authenticator app"),
            hint="use a personal access token, or an account without a second factor at sign-in",
        )
    if reason == "totp-invalid":
        return CredentialError("the server did not take the second factor", hint=SIGN_IN)
    if reason == "error-user-is-not-activated":
        return CredentialError("this account is deactivated", hint=SIGN_IN)
    if isinstance(reason, str) and reason.startswith("error-login-blocked"):
        return CredentialError(
            "too many wrong passwords: the server has blocked sign-in for some minutes",
            hint="wait five minutes; then check the password",
        )
    if "must be logged in" in message or "must be logged in" in str(reason):
        return SignedOut("the server does not know this token", hint=SIGN_IN)
    return CredentialError("the server does not take this user name and password", hint=SIGN_IN)
