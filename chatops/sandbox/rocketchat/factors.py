"""The second factor that some calls ask for, every time, remembered nowhere."""

from collections.abc import Mapping

from chatops.sandbox.rocketchat.people import password_fits
from chatops.sandbox.rocketchat.refusals import Refused, coded, unauthenticated
from chatops.sandbox.rocketchat.state import State
from chatops.sandbox.store import Doc

TWO_FACTOR = "Accounts_TwoFactorAuthentication_"


def by_mail(state: State, user: Doc) -> bool:
    """Whether somebody gets their codes by mail."""
    settings = state.settings
    return (
        settings[TWO_FACTOR + "By_Email_Enabled"] is True
        and bool(user["services"].get("email2fa", {}).get("enabled"))
        and any(address["verified"] for address in user.get("emails", ()))
    )


def _method(state: State, user: Doc) -> str | None:
    if state.settings[TWO_FACTOR + "Enabled"] is not True:
        return None
    if by_mail(state, user):
        return "email"
    fallback = state.settings[TWO_FACTOR + "Enforce_Password_Fallback"] is True
    return "password" if fallback and user["services"].get("password") else None


def demand(state: State, user: Doc, headers: Mapping[str, str]) -> None:
    """Let a call pass that brings the right code, refuse it otherwise."""
    method = _method(state, user)
    if method is None:
        return
    code = headers.get("x-2fa-code")
    if method == "password" and code and password_fits(user, code.lower()):
        return
    raise _refusal(method, user, invalid=bool(code))


def _refusal(method: str, user: Doc, invalid: bool) -> Refused:
    mail = method == "email"
    details = {
        "method": method,
        "codeGenerated": mail and not invalid,
        "availableMethods": ["email"] if mail else [],
        **({"emailOrUsername": user["username"]} if mail else {}),
    }
    code, reason = (
        ("totp-invalid", "TOTP Invalid") if invalid else ("totp-required", "TOTP Required")
    )
    return coded(code, reason, **details)


def demand_at_login(state: State, user: Doc, code: object) -> None:
    """Refuse a login whose second factor goes by mail: none is ever sent from here."""
    if state.settings[TWO_FACTOR + "Enabled"] is not True or not by_mail(state, user):
        return
    body = _refusal("email", user, invalid=bool(code)).body
    name = body["errorType"]
    message = "TOTP Invalid" if code else "TOTP Required"
    raise unauthenticated(name, message, details=body["details"])
