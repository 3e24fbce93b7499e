"""What the verbs about secrets do. A value leaves only where a person asked for this very one."""

import fnmatch
import getpass
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatops import environments
from chatops.deploy import keeping
from chatops.deploy.break_glass import BREAK_GLASS
from chatops.deploy.company import Company, load_company
from chatops.deploy.memory import is_token
from chatops.deploy.references import environment_references, references, vault_name
from chatops.errors import ChatopsError, Place, RefusedError, RunFailedError, UsageError
from chatops.private import HOME
from chatops.resources import User
from chatops.secrets import Secret
from chatops.ui import Ui
from chatops.vault import PASSWORD_FILE, Entry, Origin, Shape, Vault, is_tracked, stages

__all__ = ["Asked", "forget", "get", "invent", "list_", "merge", "merge_files", "rotate", "set_"]

_FEW = 6
_MOST_BYTES = 1_000_000
_FROM = {Origin.GIVEN: "set by hand", Origin.INVENTED: "made up", Origin.SERVER: "the server"}
_ALL = "every environment"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which company's secrets, and of which environment; of none: those of all of them."""

    file: Path
    env: str | None = None
    server: str | None = None
    write_vault: bool = False

    @property
    def environment(self) -> str | None:
        """The environment, as the vault calls it. Raises UsageError where there is none."""
        if self.server is not None:
            return environments.from_flags(self.server).kept_as
        if self.env is not None:
            return environments.load(self.env, self.file).kept_as
        return None


@dataclass(frozen=True)
class _Found:
    """One secret, and where it lies; an empty `environment` is that of all of them."""

    vault: Vault
    environment: str
    name: str
    entry: Entry

    @property
    def of(self) -> str:
        return self.environment or _ALL


def list_(ui: Ui, asked: Asked, patterns: Sequence[str]) -> None:
    """Names, where each is used, when it was made: never a value."""
    company = _company(ui, asked.file)
    used = _uses(company)
    _warn_of_git(ui, asked)
    found = [f for f in _all(ui, asked) if not patterns or _matches(f.name, patterns)]
    found.sort(key=lambda f: (f.environment, f.name))
    there = {f.name for f in _all(ui, asked)}
    missing = {n: p for n, p in used.items() if n not in there} if not patterns else {}
    ui.data(
        {
            "secrets": [_json(f, used.get(f.name, [])) for f in found],
            "missing": [{"name": n, "used": list(map(str, p))} for n, p in missing.items()],
        },
        _table(found, used, folded=not patterns) or "no secrets are kept yet",
    )
    for name, places in missing.items():
        ui.say(f"missing: {name}, named at {places[0]}: `chatops secret set {name}`")


def get(ui: Ui, asked: Asked, name: str, *, pipe: bool) -> None:
    """One value, to a terminal, or to a pipe where that is said."""
    found = _the_one(ui, asked, name)
    if not pipe and not sys.stdout.isatty():
        raise RefusedError(
            "the output is no terminal, so the secret is not printed",
            hint="say --pipe where that is meant",
        )
    about = found.entry.about
    if not ui.as_json:
        for key, text in sorted(about.items()):
            ui.say(f"{key}: {text}")
        if found.entry.previous is not None:
            ui.say("this one is not applied yet: the one before is still in force")
    ui.reveal({"name": name, "value": found.entry.value, "about": dict(about)}, found.entry.value)


def set_(ui: Ui, asked: Asked, name: str, surplus: Sequence[str]) -> None:
    """Keep what comes from stdin, or from a person at the terminal."""
    if surplus:
        for word in surplus:
            Secret(word)
        raise UsageError(
            "a secret is never given on the command line: others see it there, and the shell "
            "writes it down",
            hint=f"`chatops secret set {name}` asks for it, or takes it from a pipe; change the "
            "secret itself if it was a real one",
        )
    environment = asked.environment or ""
    vault = _vault(ui, asked)
    vault.contents()
    _warn_of_git(ui, asked)
    why = vault.read_only()
    if why:
        raise RefusedError(f"the vault cannot be written: {why}", hint="nothing was changed")
    vault.keep(environment, name, _value(name))
    of = f"for {environment}" if environment else f"for {_ALL}"
    used = _uses(_company(ui, asked.file))
    ui.data({"name": name, "environment": environment or None}, f"kept {name} {of} in {vault.path}")
    if name not in used:
        ui.say(f"nothing names it yet: write `vault:{name}` where the secret is wanted")


def invent(
    ui: Ui, asked: Asked, names: Sequence[str], shape: Shape | None, length: int | None
) -> None:
    """Make up what is not there yet, so that a later run finds it."""
    environment = asked.environment
    if environment is None:
        raise UsageError("for which environment?", hint="say --env NAME, or --server URL")
    vault = _vault(ui, asked, environment)
    people = _people(_company(ui, asked.file))
    new = [n for n in names if vault.entry(environment, n) is None]
    with vault.change() as draft:
        for name in names:
            draft.invent(
                environment, name, shape or _shape(name), length=length, about=_about(name, people)
            )
    text = [f"{n}: {'made up' if n in new else 'was there already'}" for n in names]
    ui.data({"environment": environment, "invented": new}, "\n".join(text))
    if new and asked.env != environments.DEFAULT:
        ui.say(f"commit {vault.path.name}, so that others and pipelines find them")


def rotate(ui: Ui, asked: Asked, names: Sequence[str], *, everything: bool) -> None:
    """Make up anew what we made up; what is in force stays beside it until it is applied."""
    if bool(names) == everything:
        raise UsageError("name the secrets, or say --all")
    environment = asked.environment
    if everything and environment is None:
        raise UsageError("all of which environment?", hint="say --env NAME, or --server URL")
    wanted = (
        [f for f in _all(ui, asked) if f.environment == environment]
        if everything
        else [_the_one(ui, asked, name) for name in names]
    )
    refused = {f.name: why for f in wanted if (why := _no_rotation(f))}
    if refused and not everything:
        raise RefusedError(
            "; ".join(f"{name} {why}" for name, why in refused.items()), hint="nothing was changed"
        )
    todo = [f for f in wanted if f.name not in refused]
    for vault in {id(f.vault): f.vault for f in todo}.values():
        with vault.change() as draft:
            for f in todo:
                if f.vault is vault:
                    draft.rotate(f.environment, f.name)
    then = sorted({_applies(f, asked) for f in todo})
    lines = [
        f"{f.name}: the server is to make it anew for {f.of}"
        if f.entry.origin is Origin.SERVER
        else f"{f.name}: made up anew for {f.of}"
        for f in todo
    ]
    if not everything:
        lines += [f"{name}: {why}" for name, why in refused.items()]
    ui.data(
        {
            "rotated": [{"name": f.name, "environment": f.environment or None} for f in todo],
            "skipped": [{"name": n, "why": why} for n, why in refused.items()],
            "then": then,
        },
        "\n".join(lines) or "nothing to rotate",
    )
    if todo:
        ui.say("the old ones are in force until you run " + ", ".join(f"`{c}`" for c in then))
    if everything and refused:
        once = [name for name in refused if name.startswith(keeping.first_password(""))]
        others = sorted(name for name in refused if name not in once)
        told = [*others, *([f"{len(once)} first passwords"] if once else [])]
        ui.say(f"left alone: {', '.join(told)} (not made up by chatops, or used once)")


def forget(ui: Ui, asked: Asked, patterns: Sequence[str], *, yes: bool) -> None:
    """Take secrets out of the vault."""
    environment = asked.environment
    found = [
        f
        for f in _all(ui, asked)
        if _matches(f.name, patterns) and (environment is None or f.environment == environment)
    ]
    if not found:
        raise UsageError(
            f"no secret is named {' or '.join(patterns)}", hint="`chatops secret list` shows them"
        )
    names = ", ".join(f"{f.name} ({f.of})" for f in found[:_FEW])
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    if not yes:
        if not ui.can_ask:
            raise RefusedError("nobody to ask", hint="say --yes to forget without a question")
        if not ui.ask(f"Forget {names}{more}? Nobody can bring them back."):
            raise RefusedError("declined; nothing was changed")
    for vault in {id(f.vault): f.vault for f in found}.values():
        with vault.change() as draft:
            for f in found:
                if f.vault is vault:
                    draft.forget(f.environment, f.name)
    ui.data({"forgotten": [f.name for f in found]}, f"forgotten: {names}{more}")


def merge(ui: Ui, asked: Asked) -> None:
    """Solve a merge that git could not: both sides of the vault put together."""
    vault = _vault(ui, asked)
    sealed, clash = vault.merge(*stages(vault.path.absolute()))
    vault.replace(sealed)
    ui.data({"clash": list(clash)}, f"put together: {vault.path}")
    if clash:
        raise RunFailedError(
            f"both sides changed {', '.join(clash)}: ours was taken",
            hint="`chatops secret set` where theirs was right, then `git add` the file",
        )
    ui.say(f"`git add {vault.path.name}` and go on")


def merge_files(ui: Ui, base: Path, ours: Path, theirs: Path, real: Path) -> None:
    """Git's merge driver: the result is written over `ours`. `real` is the vault's own path."""
    vault = Vault(real, real.parent / HOME)
    try:
        texts = [path.read_bytes() for path in (base, ours, theirs)]
        sealed, clash = vault.merge(*texts)
        if not clash:
            ours.write_bytes(sealed)
    except OSError as error:
        raise ChatopsError(f"cannot merge: {error.strerror}: {error.filename}") from error
    if clash:
        raise RunFailedError(
            f"both sides changed {', '.join(clash)}",
            hint="`chatops secret merge` takes ours of these, and everything else of both",
        )


def _vault(ui: Ui, asked: Asked, environment: str | None = None) -> Vault:
    """The vault that a person writes into; a sandbox's own for what is made up for it."""
    folder = asked.file.parent
    if not asked.file.exists() and not (folder / keeping.VAULT).exists():
        raise UsageError(f"there is no company file {asked.file}", hint="name it with -f FILE")
    company = Vault(folder / keeping.VAULT, folder / HOME, allowed=asked.write_vault, say=ui.notice)
    if environment == environments.DEFAULT and asked.env == environments.DEFAULT:
        loaded = load_company(asked.file, env=asked.env)
        where = environments.load(asked.env, asked.file)
        return keeping.shelf_of(loaded, where, say=ui.notice).vault
    return company


def _warn_of_git(ui: Ui, asked: Asked) -> None:
    path = asked.file.parent / HOME / PASSWORD_FILE
    if is_tracked(path):
        ui.warn(
            f"{path} is in git: whoever has the repository can read the vault. Take it out "
            f"(`git rm --cached {path}`), change its password (`ansible-vault rekey`), and every "
            "secret in it"
        )


def _vaults(ui: Ui, asked: Asked) -> Iterator[Vault]:
    yield _vault(ui, asked)
    for path in sorted((asked.file.parent / HOME / "sandbox").glob(f"*/{keeping.VAULT}")):
        yield Vault(path, path.parent, private=True)


def _all(ui: Ui, asked: Asked) -> list[_Found]:
    """Every secret that is kept; of one environment with what all of them share."""
    environment = asked.environment
    found = []
    for vault in _vaults(ui, asked):
        contents = vault.contents()
        shelves = {"": contents.shared, **contents.environments}
        for env, shelf in shelves.items():
            if environment is None or env in ("", environment):
                found += [_Found(vault, env, name, entry) for name, entry in shelf.items()]
    return found


def _the_one(ui: Ui, asked: Asked, name: str) -> _Found:
    """The secret of this name. Raises UsageError for none, or for several to choose from."""
    found = [f for f in _all(ui, asked) if f.name == name]
    if asked.environment is not None:
        found = [f for f in found if f.environment] or found
    if not found:
        known = sorted({f.name for f in _all(ui, asked)})
        near = [n for n in known if n.endswith(f"/{name}") or fnmatch.fnmatch(n, f"*{name}*")]
        hint = f"is it {near[0]}?" if near else "`chatops secret list` shows them"
        raise UsageError(f"no secret is named {name}", hint=hint)
    if len(found) > 1:
        raise UsageError(
            f"{name} is kept for {', '.join(f.of for f in found)}", hint="say --env NAME"
        )
    return found[0]


def _company(ui: Ui, file: Path) -> Company | None:
    """The company, to tell where secrets are used; a broken file must not hide them."""
    try:
        return load_company(file)
    except ChatopsError as error:
        ui.say(f"not looked up where they are used: {error.message}")
        return None


def _uses(company: Company | None) -> dict[str, list[Place]]:
    """Where the files name secrets of the vault."""
    used: dict[str, list[Place]] = {}
    if company is not None:
        for reference in (*references(company), *environment_references(company)):
            name = vault_name(reference)
            if name:
                used.setdefault(name, []).append(reference.place)
    return used


def _people(company: Company | None) -> dict[str, str]:
    """Mail addresses by user name."""
    there = company.desired.resources if company is not None else ()
    return {p.username: p.email for p in there if isinstance(p, User) and isinstance(p.email, str)}


def _shape(name: str) -> Shape:
    signs_in = name == keeping.FIRST_ADMIN or name.startswith(("first-password/", BREAK_GLASS))
    return Shape.PASSWORD if signs_in else Shape.TOKEN


def _about(name: str, people: dict[str, str]) -> dict[str, str]:
    if name == keeping.FIRST_ADMIN:
        return {"username": "chatops"}
    mail = people.get(name.removeprefix("first-password/"))
    return {"email": mail} if mail and name.startswith("first-password/") else {}


def _value(name: str) -> Secret:
    if sys.stdin.isatty():
        first = getpass.getpass(f"{name}: ", stream=sys.stderr)
        if first != getpass.getpass(f"{name}, once more: ", stream=sys.stderr):
            Secret(first)
            raise UsageError("the two are not alike; nothing was changed")
        return Secret(first)
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise UsageError("a secret has at most 1 MB; nothing was changed")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the secret on stdin is not UTF-8; nothing was changed") from None
    if not text.strip():
        raise UsageError(
            "nothing came on stdin", hint=f"`chatops secret set {name}` at a terminal asks for it"
        )
    return Secret(text.rstrip("\r\n"))


def _no_rotation(found: _Found) -> str:
    """Why it is not made up anew; empty where it can be."""
    if found.name.startswith("first-password/"):
        return "is used once, when the account is made: reset it on the server"
    if found.entry.origin is Origin.SERVER:
        turns = is_token(found.name)
        return "" if turns else "was made by the server, and belongs to a token: rotate that"
    if found.entry.shape is None:
        return f"was set by hand: `chatops secret set {found.name}`"
    return ""


def _applies(found: _Found, asked: Asked) -> str:
    """What brings a new value into force."""
    words = ["chatops", "deploy"]
    if asked.server is not None:
        words = ["chatops", "apply", "--server", asked.server]
    elif found.environment.startswith(environments.BY_ADDRESS):
        # Its name tells no more of the address than a person needs to know which it is.
        words = ["chatops", "apply", "--server", "URL"]
    elif found.environment not in ("", environments.DEFAULT):
        words += ["--env", found.environment]
    if asked.file != Path("company.yaml"):
        words += ["-f", str(asked.file)]
    return " ".join(words)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _json(found: _Found, used: Sequence[Place]) -> dict[str, object]:
    entry = found.entry
    return {
        "name": found.name,
        "environment": found.environment or None,
        "origin": entry.origin.value,
        "changed": entry.changed or None,
        "applied": entry.previous is None,
        "about": dict(entry.about),
        "used": [str(place) for place in used],
        "vault": str(found.vault.path),
    }


def _table(found: Sequence[_Found], used: dict[str, list[Place]], *, folded: bool) -> str:
    rows: list[tuple[str, ...]] = []
    heaps: dict[tuple[str, str], list[_Found]] = {}
    for f in found:
        head, slash, _ = f.name.partition("/")
        heaps.setdefault((f.of, f"{head}/" if slash else f.name), []).append(f)
    for (of, name), heap in heaps.items():
        if folded and len(heap) > _FEW:
            newest = max(f.entry.changed for f in heap)[:10]
            told = f"{len(heap)} of them: chatops secret list '{name}*'"
            rows.append((f"{name}…", of, _FROM[heap[0].entry.origin], newest, told))
            continue
        for f in heap:
            told = ", ".join(f"{p.file}:{p.line}" for p in used.get(f.name, ()))
            told = told or ", ".join(v for _, v in sorted(f.entry.about.items()))
            told += "" if f.entry.previous is None else "  not applied yet"
            rows.append((f.name, of, _FROM[f.entry.origin], f.entry.changed[:10], told.strip()))
    widths = [max((len(r[i]) for r in rows), default=0) for i in range(4)]
    return "\n".join(
        "  ".join((*(r[i].ljust(widths[i]) for i in range(4)), r[4])).rstrip() for r in rows
    )
