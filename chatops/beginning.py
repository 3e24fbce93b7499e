"""The first files of a company, for `chatops init`: from a few answers, pure."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from chatops.spec import models
from chatops.spec.emit import Remarks, emit
from chatops.spec.letters import unseen
from chatops.spec.mistakes import in_words
from chatops.spec.nodes import Path
from chatops.spec.people import COLUMNS

__all__ = ["PRODUCTION", "SCHEMA_FILE", "Answers", "first_files", "slug_like", "wrong"]

SCHEMA_FILE: Final = "company.schema.json"
PRODUCTION: Final = "production"
"""The environment that a server becomes."""

_TYPES: Final[Mapping[str, TypeAdapter[Any]]] = {
    "name": TypeAdapter(models.Line),
    "domain": TypeAdapter(models.Line),
    "admin": TypeAdapter(models.Slug),
    "admin_name": TypeAdapter(models.Line),
    "admin_email": TypeAdapter(models.Email),
    "server": TypeAdapter(models.Url),
}
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the person said. `server` is the address of a chat that runs already, if any."""

    name: str
    domain: str
    platform: str
    admin: str
    admin_name: str = ""
    admin_email: str = ""
    server: str = ""
    people: bool = False
    titles: bool = True
    """Whether the platform shows teams and channels under a title beside their names."""
    token_needs_user: bool = False
    """Whether a token of it is only good with the identifier of its account."""


def wrong(field: str, text: str) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if not text.strip():
        return "is empty"
    if unseen(text):
        return "holds a sign that nobody sees"
    if field == "domain" and not _DOMAIN.fullmatch(text):
        return "is not the name of a domain, such as acme.example"
    try:
        adapter = _TYPES.get(field)
        if adapter is not None:
            adapter.validate_python(text)
    except ValidationError as error:
        return in_words(error)
    return ""


def slug_like(text: str) -> str:
    """A sound name that reads like this text; empty where there is none."""
    return models.slug_like(text)


def first_files(answers: Answers, company_file: str, schema: str) -> dict[str, str]:
    """Each file by its name, relative to the folder of the company file."""
    files = {
        company_file: _company(answers),
        SCHEMA_FILE: schema,
    }
    if answers.people:
        files["people.csv"] = _people()
    if answers.server:
        files |= _production(answers)
    return files


def _company(answers: Answers) -> str:
    admin: dict[str, Any] = {"username": answers.admin}
    if answers.admin_name:
        admin["name"] = answers.admin_name
    admin |= {"email": answers.admin_email or f"{answers.admin}@{answers.domain}"}
    users: list[dict[str, Any]] = [admin | {"roles": ["admin"]}]
    if answers.people:
        users.append({"from": "people.csv"})
    chat = {"platform": answers.platform}
    if answers.server:
        chat["url"] = answers.server
    data: dict[str, Any] = {
        "version": 1,
        "company": {"name": answers.name, "domain": answers.domain},
        "chat": chat,
        "sign_in": {"self_registration": False, "onboarding": "file"},
        "policy": {
            "unmanaged": "report",
            "membership": "additive",
            "max_removals": 10,
            "min_admins": 1,
            "unsupported": "refuse",
        },
        "users": users,
        "groups": [{"name": "management", "members": [answers.admin]}],
        "teams": [
            {
                **_named("company", answers.name, answers),
                "visibility": "open",
                "leads": [answers.admin],
                "members": ["everyone"],
                "channels": [
                    _named("news", "News", answers) | {"purpose": "From the management"},
                    _named("help", "Help", answers) | {"topic": "Ask here: somebody knows"},
                    _named("management", "Management", answers)
                    | {"private": True, "members": ["group:management"]},
                ],
            }
        ],
    }
    above: dict[Path, str] = {
        ("company",): "Who the company is. `chatops explain company` tells what else can be said;\n"
        "so it is with every other key.",
        ("chat",): "Which chat: mattermost or rocketchat. The edition is the free one, the version "
        "the newest\none that is supported, unless `edition` and `version` say otherwise.",
        ("sign_in",): "How people get in. Who has an account is decided here, in this file.",
        ("policy",): "How careful a run is.",
        ("users",): "People. Who leaves stays in the list, with `active: false`; who gets another\n"
        "name says the old one in `renamed_from`.",
        ("groups",): "Lists of people, to be named as group:NAME wherever people are listed.",
        ("teams",): "Teams, with their channels. What is not listed is left alone; what gets "
        "another name says\nthe old one in `renamed_from`.",
    }
    behind: dict[Path, str] = {
        ("company", "name"): "the title of the chat",
        ("sign_in", "self_registration"): "nobody makes an account of their own",
        ("sign_in", "onboarding"): "first passwords in a file for the admin; or mail, or sso",
        ("policy", "unmanaged"): "what is on the server and not here; or archive, ignore",
        ("policy", "membership"): "who is in a channel and not listed may stay; or exact",
        ("policy", "max_removals"): "of one kind in one run, before it is refused",
        ("policy", "min_admins"): "so many active admins must remain",
        ("policy", "unsupported"): "what the platform cannot hold is an error; or note",
        ("teams", 0, "visibility"): "anybody of the company may join; or invite",
        ("teams", 0, "members"): "all active people who are no guests",
    }
    head = (
        f"yaml-language-server: $schema={SCHEMA_FILE}\n\n"
        f"The chat of {' '.join(answers.name.split())}: `chatops validate` judges this file, "
        "`chatops plan` says what\n"
        "would be changed, `chatops deploy` makes it so."
    )
    return emit(data, Remarks(head=head, above=above, behind=behind))


def _named(name: str, title: str, answers: Answers) -> dict[str, Any]:
    return {"name": name, "display_name": title} if answers.titles else {"name": name}


def _people() -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[: COLUMNS.index("active") + 1])
    return text.getvalue()


def _production(answers: Answers) -> dict[str, str]:
    credential = {"token": "env:CHATOPS_TOKEN"}
    if answers.token_needs_user:
        credential["user_id"] = "env:CHATOPS_USER_ID"
    environment = {"target": "server", "url": answers.server, "credential": credential}
    head = f"The chat that people use: `chatops plan --env {PRODUCTION}`."
    override = (
        "# What production has otherwise than the company file says, laid over it key by key;\n"
        "# nothing yet. For example:\n"
        "# policy: {max_removals: 3}\n"
    )
    return {
        f"inventories/{PRODUCTION}/environment.yaml": emit(environment, Remarks(head=head)),
        f"inventories/{PRODUCTION}/override.yaml": override,
    }
