"""What the verbs about the company file itself do: no server is asked, nothing is changed there."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from chatops import explaining, support, tidying
from chatops.beginning import PRODUCTION, Answers, first_files, slug_like, wrong
from chatops.deploy import images
from chatops.deploy.company import Company, load_company
from chatops.deploy.references import judge_secrets
from chatops.deploy.render import plan
from chatops.environments import Environment
from chatops.errors import (
    ChatopsError,
    Finding,
    PendingChangesError,
    Severity,
    SpecError,
    UsageError,
)
from chatops.importers.files import ignore, write_new
from chatops.opening import Options, open_company
from chatops.platforms.registry import platforms
from chatops.resources import Kind
from chatops.review.annotations import annotations
from chatops.review.sarif import sarif
from chatops.spec.files import replace_text
from chatops.spec.language import every_key
from chatops.spec.resolved import resolve_company
from chatops.spec.schema import Part
from chatops.spec.schema import schema as language_schema
from chatops.ui import Ui, findings_counted

__all__ = ["Form", "explain", "fmt", "init", "schema", "validate"]


class Form(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def validate(
    ui: Ui, file: Path, env: str | None, *, resolved: bool = False, form: Form = Form.TEXT
) -> None:
    """Judge the file, as an environment has it where one is named; or show all that it says."""
    who = ""
    try:
        if env is None:
            company = judge_secrets(load_company(file))
        else:
            company, environment = open_company(Options(file=file, env=env))
            who = "the sandbox" if environment.target == "sandbox" else ""
            company = _installable(judge_secrets(company, environment), environment)
    except SpecError as error:
        _machines(ui, error.findings, form)
        raise
    findings = company.findings
    if resolved:
        ui.findings(findings)
        whole = resolve_company(company.loaded, company.decided(who))
        ui.data(whole.to_json(), whole.to_yaml().rstrip("\n"))
        return
    _machines(ui, findings, form)
    ui.data(findings_counted(findings), "")
    if ui.as_json:
        return
    ui.findings(findings)
    nouns = {Kind.USER: ("person", "people"), Kind.TEAM: ("team", "teams")}
    nouns[Kind.CHANNEL] = ("channel", "channels")
    count = Counter(r.kind for r in company.desired.resources)
    words = ", ".join(
        f"{count[k]} {one if count[k] == 1 else many}" for k, (one, many) in nouns.items()
    )
    where = f" in {env}" if env else ""
    said = f"{file} is sound{where}: {words}, for {company.facts.label}"
    if form is Form.TEXT:
        ui.data(None, said)
    else:
        ui.say(said)


def _installable(company: Company, environment: Environment) -> Company:
    """The same with what is to be said of its installation, where it is on hosts."""
    if environment.hosting is None:
        return company
    _, more = plan(company, environment, images.read(company.folder / images.FILE))
    return replace(company, findings=(*company.findings, *more))


def _machines(ui: Ui, findings: Sequence[Finding], form: Form) -> None:
    """The findings for a machine to read, on stdout."""
    if form is Form.SARIF:
        ui.document(json.dumps(sarif(findings, Path.cwd()), ensure_ascii=False, indent=2))
    elif form is Form.GITHUB and findings:
        ui.document(annotations(findings))


def fmt(ui: Ui, files: Sequence[Path], company: Path, *, check: bool, diff: bool) -> None:
    """Bring the files into form; with `check` or `diff` only say which are not."""
    found = tidying.tidied(files, company)
    changed = [file for file in found if file.changed]
    if diff and not ui.as_json:
        ui.document("".join(file.diff() for file in changed)) if changed else None
    if not (check or diff):
        for file in changed:
            tidying.write(file)
    names = [str(file.path) for file in changed]
    ui.data({"files": [str(f.path) for f in found], "changed": names}, "")
    if not (diff or ui.as_json):
        ui.data(None, "\n".join(names))
    count = f"{len(found)} file{'s'[: len(found) != 1]}"
    if check and changed:
        raise PendingChangesError(
            f"{len(changed)} of {count} {'is' if len(changed) == 1 else 'are'} not tidy",
            hint="`chatops fmt` makes them so",
        )
    ui.say(f"{count}, {len(changed)} {'not tidy' if diff else 'changed'}")


def explain(ui: Ui, word: str | None) -> None:
    """Say what a key is; without one, what there is at the top."""
    shown = support.columns(platforms().values())
    if word is None:
        tops = [key for key in every_key().values() if "." not in key.path]
        ui.data([explaining.plain(key, shown) for key in tops], explaining.overview())
        return
    key = explaining.find(word)
    ui.data(explaining.plain(key, shown), explaining.explained(key, shown))


def schema(ui: Ui, part: Part, out: Path | None) -> None:
    """The language as JSON Schema, with the names of the platforms that there are."""
    text = schema_text(part)
    if out is None:
        ui.document(text)
        return
    try:
        replace_text(out, text)
    except OSError as error:
        raise ChatopsError(f"cannot write {out}: {error.strerror}") from error
    ui.say(f"written: {out}")


def schema_text(part: Part) -> str:
    """The same, as the file has it."""
    known = platforms()
    editions = dict.fromkeys(c.edition for c in support.columns(known.values()))
    choices: dict[tuple[str, ...], tuple[str, ...]] = {
        ("chat", "platform"): tuple(known),
        ("chat", "edition"): tuple(editions),
    }
    return json.dumps(language_schema(part, choices), ensure_ascii=False, indent=1) + "\n"


_QUESTIONS = (
    ("name", "--name", "What is the company called?"),
    ("domain", "--domain", "Its internet domain?"),
    ("platform", "--platform", "Which chat?"),
    ("admin", "--admin", "User name of the first admin?"),
)


def init(ui: Ui, company: Path, said: Mapping[str, str], *, people: bool, yes: bool) -> None:
    """Write the first files of a company, from flags and answers; nothing is written over."""
    folder = company.parent
    if company.exists():
        raise UsageError(
            f"{company} is there already, and is not written over",
            hint="name another one with -f FILE",
        )
    answers = _answers(ui, folder, said, people=people, yes=yes)
    files = first_files(answers, company.name, schema_text(Part.COMPANY))
    with tempfile.TemporaryDirectory() as aside:
        # Judged before it is anywhere: what init writes is sound.
        write_new(Path(aside), {name: text.encode() for name, text in files.items()})
        try:
            load_company(Path(aside) / company.name)
        except SpecError as error:
            raise _unfit(error) from None
    write_new(folder, {name: text.encode() for name, text in files.items()})
    written = [*files, *ignore(folder)]
    names = [str(folder / name) for name in written]
    ui.data({"files": names}, "\n".join(names))
    where = "" if company.name == "company.yaml" and str(folder) == "." else f" -f {company}"
    if not answers.server:
        look = f"chatops deploy{where} for a sandbox to look at"
        ui.say(f"next: chatops validate{where}, then {look}")
        return
    look = f"chatops plan{where} --env {PRODUCTION}, which changes nothing"
    ui.say(f"next: chatops validate{where}, then {look}")
    read = f"chatops import live --server {answers.server}"
    ui.say(f"or, to begin with what is on the server: {read}, in an empty folder")


def _unfit(error: SpecError) -> UsageError:
    """An answer that the platform cannot hold."""
    found = next(f for f in error.findings if f.severity is Severity.ERROR)
    named = {"company.name": "--name", "teams[0].display_name": "--name"}
    named |= {"company.domain": "--domain", "users[0].username": "--admin"}
    named |= {"users[0].email": "--admin-email", "users[0].name": "--admin-name"}
    return UsageError(f"{named.get(found.path, found.path)}: {found.message}", hint=found.hint)


def _answers(ui: Ui, folder: Path, said: Mapping[str, str], *, people: bool, yes: bool) -> Answers:
    name = said.get("name") or folder.absolute().name
    slug = slug_like(name) or "company"
    offers = {"name": name, "domain": f"{slug.replace('_', '-')}.example", "platform": "mattermost"}
    if not said.get("admin") and yes:
        raise UsageError("--yes asks nothing, so it wants --admin", hint="--admin ida, for example")
    found = dict(said)
    missing = [flag for field, flag, _ in _QUESTIONS if not said.get(field)]
    if missing and not yes and not ui.can_ask:
        raise UsageError(
            f"nobody is at the terminal to answer, and {', '.join(missing)} is not said",
            hint="say --yes with --admin NAME, and what of the others is not as you want it",
        )
    for field, flag, question in _QUESTIONS:
        while not found.get(field):
            offered = offers.get(field, "")
            given = offered if yes else ui.prompt(question, offered)
            problem = _wrong(field, given)
            if not problem:
                found[field] = given
            elif yes:
                raise UsageError(f"{flag}: {problem}")
            else:
                ui.say(f"  {given or 'that'} {problem}")
        if field == "name" and not said.get("domain"):
            offers["domain"] = f"{slug_like(found[field]).replace('_', '-') or 'company'}.example"
    for field, text in found.items():
        if text and (problem := _wrong(field, text)):
            raise UsageError(f"--{field.replace('_', '-')}: {text} {problem}")
    platform = platforms()[found["platform"]]
    facts = support.columns([platform])[0].facts
    titles = all(facts.cell(f"{kind}.display_name").held for kind in ("team", "channel"))
    needs_user = platform.token_needs_user
    return Answers(people=people, titles=titles, token_needs_user=needs_user, **found)


def _wrong(field: str, text: str) -> str:
    if field == "platform":
        known = platforms()
        return "" if text in known else f"is none of {', '.join(known)}"
    return wrong(field, text)
