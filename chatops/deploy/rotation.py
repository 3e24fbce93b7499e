"""A first admin whose password was made up anew: the old one is in force until it is changed."""

from dataclasses import replace

from chatops.deploy.keeping import FIRST_ADMIN
from chatops.environments import Environment
from chatops.errors import CredentialError, ServerError
from chatops.platforms.base import Credential, Platform, Target
from chatops.vault import Shelf

__all__ = ["in_force", "turn_admin"]


def in_force(
    platform: Platform, environment: Environment, shelf: Shelf, admin: Credential
) -> Credential:
    """The same admin with the password that the server takes now.

    Asks the server only while a change is pending: a run may have been cut off between the server
    and the vault.
    """
    entry = shelf.entry(FIRST_ADMIN)
    if entry is None or entry.previous is None:
        return admin
    try:
        platform.connect(_target(environment, admin)).close()
    except CredentialError:
        return replace(admin, password=entry.value)
    return admin


def turn_admin(platform: Platform, environment: Environment, shelf: Shelf) -> bool:
    """Bring a new password of the first admin into force; whether there was one to bring.

    Raises ServerError; the vault then still knows both passwords.
    """
    entry = shelf.entry(FIRST_ADMIN)
    if entry is None or entry.previous is None or shelf.vault.read_only():
        return False
    name = entry.about.get("username", "chatops")
    old = Credential(username=name, password=entry.previous)
    if in_force(platform, environment, shelf, old) == old:
        server = platform.connect(_target(environment, old))
        try:
            server.change_password(entry.value)
        finally:
            server.close()
        # A server may say yes and do nothing.
        if in_force(platform, environment, shelf, old) == old:
            raise ServerError(
                f"the server did not take the new password of {name}",
                hint=f"sign in as {name}, give it the one of `chatops secret get {FIRST_ADMIN}`, "
                "and run again",
            )
    shelf.applied(FIRST_ADMIN)
    return True


def _target(environment: Environment, credential: Credential) -> Target:
    return Target(
        url=environment.address, credential=credential, network=environment.network, side_by_side=1
    )
