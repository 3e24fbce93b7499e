"""What must not be lost of an environment: where it is kept, and under which names.

Everything chatops makes up lies in a vault before it is used. The company's own is `vault.yaml`
beside its file, for git; a sandbox has one in its folder, which goes away with it.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from chatops.core.plan import Plan
from chatops.deploy.break_glass import in_vault, sets_password
from chatops.deploy.company import Company
from chatops.environments import Environment
from chatops.errors import InstallError
from chatops.platforms.base import Action, Credential, GivesOutputs, Handler, Onboarding
from chatops.private import HOME
from chatops.resources import UNSET, Kind, User
from chatops.secrets import Secret
from chatops.vault import Origin, Shape, Shelf, Vault

__all__ = [
    "FIRST_ADMIN",
    "VAULT",
    "first_password",
    "inventions",
    "keep_admin",
    "kept_admin",
    "newcomers",
    "private_folder",
    "sandbox_state",
    "shelf_of",
    "take_over",
    "told_once",
]

VAULT: Final = "vault.yaml"
FIRST_ADMIN: Final = "first-admin"
_OLD_ADMIN: Final = "admin.json"


def first_password(username: str) -> str:
    """What a person's first password is called in the vault."""
    return f"first-password/{username}"


def sandbox_state(company: Company) -> Path:
    """Where the sandbox of a company keeps its things."""
    return company.folder / HOME / "sandbox" / company.platform.name


def private_folder(company: Company, environment: Environment) -> Path:
    """Where what must not be lost or seen of an environment is kept, and is not for git."""
    if environment.target == "sandbox":
        return sandbox_state(company)
    return company.folder / HOME / environment.kept_as


def shelf_of(
    company: Company,
    environment: Environment,
    *,
    write_vault: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Shelf:
    """The secrets of an environment. `write_vault`: a pipeline may write them, too."""
    folder = company.folder
    vault = Vault(folder / VAULT, folder / HOME, allowed=write_vault, say=say)
    if environment.target == "sandbox":
        state = sandbox_state(company)
        vault = Vault(state / VAULT, state, private=True, below=vault, say=say)
    return Shelf(vault, environment.kept_as)


def kept_admin(shelf: Shelf, folder: Path) -> Credential | None:
    """The first admin that was made here, as it is in force; None if none was.

    `folder` is where earlier versions kept it. Raises VaultError, InstallError.
    """
    entry = shelf.entry(FIRST_ADMIN)
    if entry is None:
        return _old_admin(folder)
    return Credential(
        username=entry.about.get("username", "chatops"), password=entry.previous or entry.value
    )


def keep_admin(shelf: Shelf, username: str) -> Credential:
    """A first admin of this name, whose password is in the vault when this returns."""
    password = shelf.invent(FIRST_ADMIN, Shape.PASSWORD, about={"username": username})
    entry = shelf.entry(FIRST_ADMIN)
    kept = entry.about.get("username", username) if entry is not None else username
    return Credential(username=kept, password=password)


def told_once(plan: Plan, handlers: Mapping[Kind, Handler[Any]]) -> tuple[str, ...]:
    """What carrying out a plan would get from the server, which tells it once: bots' tokens.

    Without `handlers`, as before there is a server, bots alone are known to be such.
    """
    once = {
        kind
        for kind, handler in handlers.items()
        if isinstance(handler, GivesOutputs) and not getattr(handler, "shows_again", False)
    }
    return tuple(
        f"{c.key.kind}/{c.key.name}"
        for c in plan.changes
        if c.key.kind in (once if handlers else {Kind.BOT})
        and (c.action is Action.CREATE or {"active", "token"} & {*c.changed})
    )


def inventions(plan: Plan, shelf: Shelf, *, admin: bool, onboarding: Onboarding) -> tuple[str, ...]:
    """What carrying out a plan would make up and is not in the vault yet, by name.

    `admin`: a first admin has to be made, too.
    """
    names = [FIRST_ADMIN] if admin else []
    if onboarding is Onboarding.FILE:
        names += [first_password(u.username) for u in newcomers(plan)]
    names += [in_vault(c.key) for c in plan.changes if sets_password(c)]
    return tuple(n for n in names if shelf.entry(n) is None)


def newcomers(plan: Plan) -> tuple[User, ...]:
    """The people of a plan who need a first password."""
    return tuple(
        c.want
        for c in plan.changes
        if c.action is Action.CREATE and isinstance(c.want, User) and c.want.password is UNSET
    )


def take_over(shelf: Shelf, folder: Path) -> str:
    """Move what an earlier version kept in a file of its own into the vault, once.

    What was done, in words; empty where there was nothing to do, or it may not be done here.
    """
    old = folder / _OLD_ADMIN
    admin = _old_admin(folder)
    if admin is None or admin.password is None or shelf.vault.read_only():
        return ""
    if shelf.entry(FIRST_ADMIN) is None:
        with shelf.change() as draft:
            draft.keep(
                FIRST_ADMIN,
                admin.password,
                origin=Origin.INVENTED,
                about={"username": admin.username},
            )
    old.unlink()
    return f"took the first admin over from {old} into {shelf.vault.path}"


def _old_admin(folder: Path) -> Credential | None:
    path = folder / _OLD_ADMIN
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Credential(username=found["username"], password=Secret(found["password"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallError(
            f"{path} does not hold a username and a password",
            hint="move it away; if the password is lost, `chatops sandbox reset` begins anew",
        ) from error
