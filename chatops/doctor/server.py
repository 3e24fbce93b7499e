"""What the chat says of itself, asked as its admin: its version, and limits that are near."""

from collections.abc import Callable, Iterable

from chatops.core.cliffs import cliffs
from chatops.doctor.outcome import Check, Outcome, State
from chatops.errors import ChatopsError, CredentialError
from chatops.platforms.base import Platform, Server

__all__ = ["server_checks"]


def server_checks(
    platform: Platform, connect: Callable[[], Server], *, stand_in: bool = False
) -> list[Check]:
    """Signs in once; what stands behind the sign-in is looked at together.

    `stand_in`: it is a sandbox, which nobody can bring to another version.
    """
    return [Check("sign-in of chatops", lambda: _signed_in(platform, connect, stand_in))]


def _signed_in(
    platform: Platform, connect: Callable[[], Server], stand_in: bool
) -> Iterable[Outcome]:
    try:
        server = connect()
    except CredentialError as error:
        yield Outcome(
            check="sign-in of chatops", state=State.BAD, message=error.message, hint=error.hint
        )
        return
    except ChatopsError as error:
        yield Outcome(
            check="sign-in of chatops", state=State.UNKNOWN, message=error.message, hint=error.hint
        )
        return
    try:
        yield Outcome(
            check="sign-in of chatops",
            state=State.OK,
            message=f"as {server.me} on {platform.name} {server.release.text} "
            f"({server.release.edition})",
        )
        newest = tuple(int(n) for n in platform.default_version.split("."))
        behind = server.release.version[: len(newest)] < newest and not stand_in
        told = f"{server.release.text} is not behind what chatops knows"
        if stand_in:
            told = f"the sandbox stands for {server.release.text}"
        elif behind:
            told = f"{server.release.text}, and {platform.default_version} is the newest that "
            told += "chatops knows"
        yield Outcome(
            check="version",
            state=State.WARNING if behind else State.OK,
            message=told,
            hint="read the vendor's notes, then set chat.version and deploy" if behind else "",
        )
        for remark in (*server.remarks, *platform.facts(server.release).remarks):
            yield Outcome(check="version", state=State.WARNING, message=remark, hint="upgrade it")
        near = cliffs(server.limits, ())
        for note in near:
            yield Outcome(
                check="limits",
                state=State.WARNING,
                message=note.message,
                hint="`chatops platforms user` compares the editions",
            )
        if not near:
            yield Outcome(check="limits", state=State.OK, message="none of the edition is near")
    finally:
        server.close()
