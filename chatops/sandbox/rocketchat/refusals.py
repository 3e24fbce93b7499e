"""How the server says no: every refusal is one exception that knows its status and body."""

from typing import Any

UNAUTHORIZED = "You must be logged in to do this."
NO_PERMISSION = "User does not have the permissions required for this action [error-unauthorized]"


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("error", ""))
        self.status = status
        self.body = body


def failure(error: str | None = None, kind: Any = None, details: Any = None) -> Refused:
    """400 with a plain text; without any text it is the bare `{"success": false}`."""
    body: dict[str, Any] = {"success": False}
    if error is not None:
        body["error"] = error
    if kind is not None:
        body["errorType"] = kind
    if details:
        body["details"] = details
    return Refused(400, body)


def coded(code: Any, reason: str = "", /, **details: Any) -> Refused:
    """400 with a code: the text ends in it, and `errorType` repeats it."""
    return failure(f"{reason} [{code}]" if reason else f"[{code}]", code, details)


def forbidden(error: str = "unauthorized") -> Refused:
    """403 from inside an endpoint. The text really is the word for 401."""
    return Refused(403, {"success": False, "error": error})


def no_permission() -> Refused:
    """403 from an endpoint that declares the permission it wants."""
    return forbidden(NO_PERMISSION)


def unauthenticated(error: str = UNAUTHORIZED, message: str | None = None, **more: Any) -> Refused:
    """401 in the shape of older days, with `status` and `message` beside `error`."""
    body = {"success": False, "error": error, "status": "error", "message": message or error}
    return Refused(401, body | more)


def not_found(error: str = "Resource not found") -> Refused:
    """404 as JSON: an endpoint that is there, for a thing that is not."""
    return Refused(404, {"success": False, "error": error})


def too_many(seconds: int) -> Refused:
    """429. There is no Retry-After: the headers and this text hold the time."""
    text = (
        "Error, too many requests. Please slow down. You must wait "
        f"{seconds} seconds before trying this endpoint again. [error-too-many-requests]"
    )
    return Refused(429, {"success": False, "error": text})
