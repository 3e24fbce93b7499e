"""What the things of a company give to the outside: addresses, tokens, a snippet for a website.

The server is asked again for what it shows as long as a thing is there; what it told once, and
never again, lies in the vault.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatops.core.reading import Reading, observe
from chatops.deploy.company import Company, judge
from chatops.deploy.memory import output_name
from chatops.environments import Environment
from chatops.platforms.base import Credential, GivesOutputs, Output, Server, Target
from chatops.resources import Key, Kind, Live, Resource
from chatops.secrets import Secret
from chatops.vault import LockedVaultError, Shelf

__all__ = ["Given", "Looked", "collect", "label", "look"]

TOLD_ONCE: Final = "token"
"""What a server shows at the moment it makes it only, and is looked for in the vault."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One output. Without a value, `lacking` says why."""

    key: Key
    name: str
    output: Output | None = None
    lacking: str = ""

    @property
    def of(self) -> str:
        """What gives it, as a person calls it."""
        return label(self.key)

    @property
    def secret(self) -> bool:
        """Whether nobody may see it unasked."""
        return self.output is None or isinstance(self.output.value, Secret)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A server that was read, and the company as it is judged for that server."""

    company: Company
    reading: Reading
    server: Server


def label(key: Key) -> str:
    """`bot:robo`; a setting goes by its block (`live-chat`)."""
    if key.kind is Kind.SETTING:
        return key.name.partition(".")[0].replace("_", "-")
    return str(key)


def look(
    company: Company,
    environment: Environment,
    credential: Credential,
    progress: Callable[[str], None] = lambda text: None,
) -> Looked:
    """Sign in and read. No secret that the file refers to is looked up: none is needed."""
    server = company.platform.connect(
        Target(url=environment.address, credential=credential, network=environment.network)
    )
    try:
        company = judge(company, server.release)
        reading = observe(company.desired, company.facts, server, progress)
    except BaseException:
        server.close()
        raise
    return Looked(company=company, reading=reading, server=server)


def collect(looked: Looked, shelf: Shelf) -> tuple[Given, ...]:
    """Every output of what the file lists, in the file's order."""
    found: list[Given] = []
    for want in looked.reading.held:
        handler: object = looked.server.handlers.get(want.kind)
        if not isinstance(handler, GivesOutputs):
            continue
        have = looked.reading.observed.live.get(want.key.folded)
        if have is None:
            found += _not_made(want)
            continue
        shown = handler.outputs(have)
        found += [Given(key=want.key, name=n, output=o) for n, o in shown.items()]
        if want.kind is not Kind.SETTING and not getattr(handler, "shows_again", False):
            found += _kept(have, want.key, shown, shelf)
    return tuple(found)


def _not_made(want: Resource) -> Iterable[Given]:
    if want.kind is not Kind.SETTING:
        text = "it is not on the server yet: `chatops apply` makes it"
        yield Given(key=want.key, name="", lacking=text)


def _kept(have: Live[Any], key: Key, shown: Mapping[str, Output], shelf: Shelf) -> Iterable[Given]:
    start = output_name(key, "")
    try:
        kept = {n.removeprefix(start): n for n in shelf.names() if n.startswith(start)}
        for name, whole in sorted(kept.items()):
            value = shelf.find(whole)
            if name not in shown and value is not None:
                yield Given(key=key, name=name, output=Output(value))
        if TOLD_ONCE not in kept and TOLD_ONCE not in shown:
            yield Given(key=key, name=TOLD_ONCE, lacking=_lost(have, shelf))
    except LockedVaultError as error:
        yield Given(key=key, name=TOLD_ONCE, lacking=f"{error.message}; {error.hint}")


def _lost(have: Live[Any], shelf: Shelf) -> str:
    text = f"the server showed it once, and {shelf.vault.path} does not hold it"
    if have.archived:
        return f"{text}; it is out of use, and a new one comes when it is brought back"
    return f"{text}: it was made by hand, or on another machine whose vault was not kept"
