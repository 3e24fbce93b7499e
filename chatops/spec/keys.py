"""What the language knows about its own keys: which there are, and what others call them."""

import difflib
import types
import typing
from functools import cache
from typing import Any, Final

from pydantic import AfterValidator, BaseModel

from chatops.spec import models

__all__ = [
    "OTHER_WORDS",
    "identity",
    "is_secret",
    "known_keys",
    "nearest",
    "pattern",
    "unknown_key_hint",
]

OTHER_WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "*": {
        "title": ("display_name", "what people see as its title is `display_name` here"),
        "displayname": ("display_name", ""),
        "label": ("display_name", ""),
        "slug": ("name", ""),
        "id": ("name", "things are named here, not numbered: `name`"),
        "owner": ("leads", "who looks after a team is in `leads` here"),
        "owners": ("leads", "who looks after a team is in `leads` here"),
        "moderators": ("leads", "who looks after a team is in `leads` here"),
        "users": ("members", "who is in it is in `members` here"),
        "people": ("members", "who is in it is in `members` here"),
        "type": ("visibility", ""),
        "old_name": ("renamed_from", ""),
        "previous_name": ("renamed_from", ""),
        "was": ("renamed_from", ""),
    },
    "": {
        "people": ("users", "people are in `users` here"),
        "members": ("users", "people are in `users` here"),
        "accounts": ("users", "people are in `users` here"),
        "admins": ("users", "admins are people under `users` with `roles: [admin]`"),
        "administrators": ("users", "admins are people under `users` with `roles: [admin]`"),
        "server": ("chat", "the chat server is `chat` here"),
        "mail": ("smtp", ""),
        "email": ("smtp", ""),
        "auth": ("sign_in", ""),
        "authentication": ("sign_in", ""),
        "login": ("sign_in", ""),
        "files": ("storage", "files are under `storage` here: `storage.files`"),
        "channel": ("teams", "channels are listed under their team: `teams[].channels`"),
        "channels": ("teams", "channels are listed under their team: `teams[].channels`"),
        "spaces": ("teams", ""),
        "workspaces": ("teams", ""),
        "usergroups": ("groups", ""),
        "organization": ("company", ""),
        "organisation": ("company", ""),
    },
    "chat": {
        "product": ("platform", ""),
        "type": ("platform", ""),
        "address": ("url", ""),
        "site_url": ("url", "Mattermost's SiteURL is `url` here"),
        "root_url": ("url", "Rocket.Chat's Root_Url is `url` here"),
        "host": ("url", ""),
        "plan": ("edition", ""),
        "license": ("edition", ""),
    },
    "company": {
        "language": ("locale", ""),
        "lang": ("locale", ""),
        "tz": ("timezone", ""),
        "title": ("name", ""),
        "display_name": ("name", ""),
    },
    "smtp": {
        "server": ("host", ""),
        "user": ("username", ""),
        "login": ("username", ""),
        "sender": ("from", ""),
        "from_address": ("from", ""),
        "encryption": ("security", ""),
        "tls": ("security", "write `security: starttls` or `security: tls`"),
        "ssl": ("security", "write `security: tls`"),
        "starttls": ("security", "write `security: starttls`"),
    },
    "storage.files": {
        "type": ("backend", ""),
        "driver": ("backend", ""),
        "access_key_id": ("access_key", ""),
        "secret_access_key": ("secret_key", ""),
        "max_size": ("max_file_size", ""),
    },
    "sign_in": {
        "registration": ("self_registration", ""),
        "open_registration": ("self_registration", ""),
        "signup": ("self_registration", ""),
        "domains": ("email_domains", ""),
        "allowed_domains": ("email_domains", ""),
        "min_length": ("password", "write `password: {min_length: 12}`"),
    },
    "roles[]": {
        "permissions": ("may", ""),
        "system_role": ("maps_to", ""),
        "builtin": ("maps_to", ""),
    },
    "users[]": {
        "user": ("username", ""),
        "login": ("username", ""),
        "nick": ("username", ""),
        "nickname": ("username", ""),
        "id": ("username", "people are known by their `username`"),
        "mail": ("email", ""),
        "e-mail": ("email", ""),
        "firstname": ("name", "first and last name are one `name` here"),
        "first_name": ("name", "first and last name are one `name` here"),
        "lastname": ("name", "first and last name are one `name` here"),
        "last_name": ("name", "first and last name are one `name` here"),
        "surname": ("name", "first and last name are one `name` here"),
        "full_name": ("name", ""),
        "fullname": ("name", ""),
        "display_name": ("name", "a person's full name is `name` here"),
        "position": ("title", "Mattermost's position is `title` here"),
        "job_title": ("title", ""),
        "role": ("roles", "`roles` is a list: `roles: [admin]`"),
        "admin": ("roles", "write `roles: [admin]`"),
        "is_admin": ("roles", "write `roles: [admin]`"),
        "team": ("teams", "`teams` is a list: `teams: [sales]`"),
        "enabled": ("active", ""),
        "disabled": ("active", "write `active: false`"),
        "deactivated": ("active", "write `active: false`"),
        "password": ("", "passwords are not in this file: see `sign_in.onboarding`"),
        "groups": ("", "people are listed in groups[].members"),
        "channels": ("", "people are listed in teams[].channels[].members"),
        "csv": ("from", "write `- from: people.csv`"),
        "file": ("from", "write `- from: people.csv`"),
    },
    "teams[]": {
        "purpose": ("description", "the purpose of a team is its `description` here"),
        "topic": ("description", ""),
        "header": ("description", ""),
        "rooms": ("channels", "Rocket.Chat's rooms are `channels` here"),
        "private": ("visibility", "write `visibility: invite`"),
        "public": ("visibility", "write `visibility: open`"),
        "open": ("visibility", "write `visibility: open`"),
        "admins": ("leads", "who looks after a team is in `leads` here"),
    },
    "teams[].channels[]": {
        "header": ("topic", "Mattermost's header is called `topic` here"),
        "description": ("purpose", "Rocket.Chat's description is called `purpose` here"),
        "announcement": ("topic", "what people see on top is the `topic` here"),
        "type": ("private", "write `private: true` or `private: false`"),
        "visibility": ("private", "write `private: true` or `private: false`"),
        "public": ("private", "write `private: false`"),
        "read_only": ("posting", ""),
        "readonly": ("posting", ""),
        "owner": ("leads", "who looks after a channel is in `leads` here"),
        "owners": ("leads", "who looks after a channel is in `leads` here"),
        "moderators": ("leads", "who looks after a channel is in `leads` here"),
        "admins": ("leads", "who looks after a channel is in `leads` here"),
    },
}
"""Words of other tools, by block: what the key is called here, and a sentence where that helps."""


def pattern(path: tuple[str | int, ...]) -> str:
    """The path without its numbers: teams[].channels[].topic."""
    return "".join("[]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")


def nearest(word: str, known: typing.Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    by_fold = {k.casefold(): k for k in known}
    folded = word.casefold()[:100]
    for form in (folded, folded.replace("-", "_"), folded.replace("_", "-")):
        if form in by_fold:
            return by_fold[form]
    near = difflib.get_close_matches(folded, by_fold, 1, 0.7)
    return by_fold[near[0]] if near else None


def known_keys(block: str) -> frozenset[str]:
    """The keys of a block: `teams[]` has name, display_name, …"""
    return frozenset(_language()[0].get(block, ()))


def identity(block: str) -> str | None:
    """The key by which the things of a list are told apart: `users[]` has `username`."""
    keys = known_keys(block)
    return next((key for key in ("username", "name", "trigger") if key in keys), None)


def is_secret(key: str) -> bool:
    """Whether the key holds a reference to a secret, so that its value is never shown."""
    return key in _language()[1]


@cache
def unknown_key_hint(block: str, word: str) -> str:
    """What to do about a key that is unknown in this block."""
    known = known_keys(block)
    others = {
        w: there
        for w, there in (OTHER_WORDS["*"] | OTHER_WORDS.get(block, {})).items()
        if not there[0] or there[0] in known
    }
    found = nearest(word, known)
    if found is None or found != word.casefold().replace("-", "_"):
        other = nearest(word, others)
        if other is not None and (found is None or _like(word, other) > _like(word, found)):
            name, sentence = others[other]
            return sentence or f"it is called `{name}` here"
    if found is not None:
        return f"did you mean `{found}`?"
    somewhere = nearest(word, {k for keys in _language()[0].values() for k in keys})
    elsewhere = sorted(b for b, keys in _language()[0].items() if somewhere in keys)
    if 0 < len(elsewhere) < 4:
        return f"`{somewhere}` belongs " + " or ".join(
            f"under `{b.removesuffix('[]')}`" if b else "to the top of the file" for b in elsewhere
        )
    if known and len(known) < 12:
        return "the keys here are " + ", ".join(_in_order(block))
    return ""


def _like(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word.casefold(), other.casefold()).ratio()


def _in_order(block: str) -> list[str]:
    return list(_language()[0][block])


@cache
def _language() -> tuple[dict[str, list[str]], frozenset[str]]:
    blocks: dict[str, list[str]] = {}
    hidden: set[str] = set()

    def walk(model: type[BaseModel], block: str) -> None:
        keys = blocks.setdefault(block, [])
        for name, field in model.model_fields.items():
            key = field.alias or name
            keys.append(key)
            below = f"{block}.{key}" if block else key
            for inner, suffix in _models(field.annotation):
                walk(inner, below + suffix)
            if _holds_secret(field.annotation, field.metadata):
                hidden.add(key)

    walk(models.Spec, "")
    blocks["users[]"].append("from")
    return blocks, frozenset(hidden)


def _models(annotation: Any, suffix: str = "") -> list[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, suffix)]
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, typing.Annotated):
        return [m for a in typing.get_args(annotation) for m in _models(a, suffix)]
    if origin is list:
        return [m for a in typing.get_args(annotation) for m in _models(a, suffix + "[]")]
    return []


def _holds_secret(annotation: Any, metadata: typing.Iterable[Any]) -> bool:
    marks = [*metadata, *getattr(annotation, "__metadata__", ())]
    if any(isinstance(m, AfterValidator) and m in _SECRET_MARKS for m in marks):
        return True
    return any(_holds_secret(a, ()) for a in typing.get_args(annotation) if a is not None)


_SECRET_MARKS: Final = tuple(
    m for m in typing.get_args(models.SecretReference) if isinstance(m, AfterValidator)
)
