"""What the verbs around an installation's files do: `render` and `lock`."""

from dataclasses import replace
from pathlib import Path

from chatops import environments
from chatops.deploy import images
from chatops.deploy import render as rendering
from chatops.deploy.company import Company
from chatops.deploy.compatibility import image_name, version_of
from chatops.deploy.images import Lock, Locked
from chatops.deploy.images.choosing import needed, newest, series
from chatops.deploy.images.registry import Registries
from chatops.environments import Environment
from chatops.errors import ChatopsError, Finding, PendingChangesError
from chatops.hosting import Hosting
from chatops.opening import Options, open_company
from chatops.platforms.base import Network
from chatops.spec.text import counted, printable
from chatops.ui import Ui, findings_json

__all__ = ["lock", "planned", "render", "rendered"]


def planned(
    company: Company, environment: Environment
) -> tuple[rendering.Installation, tuple[Finding, ...]]:
    """The installation of an environment on hosts. Raises SpecError with all findings."""
    return rendering.plan(company, environment, images.read(company.folder / images.FILE))


def rendered(
    company: Company, environment: Environment
) -> tuple[tuple[rendering.RenderedFile, ...], tuple[Finding, ...], tuple[str, ...]]:
    """The files of an environment, remarks, and the images without a digest."""
    if environment.hosting is None:
        spec, name = company.loaded.spec, company.platform.name
        return rendering.render(spec, environment.name, name, port=environment.port), (), ()
    installation, findings = planned(company, environment)
    return rendering.files(installation), findings, installation.unpinned


def render(ui: Ui, file: Path, env: str, out: Path | None) -> None:
    """Write the files of an installation."""
    company, environment = open_company(Options(file=file, env=env))
    folder = out or company.folder / "build" / environment.name
    files, findings, unpinned = rendered(company, environment)
    ui.findings(findings)
    changed = rendering.write(files, folder)
    here = {f.path for f in files}
    lines = [f"  {'' if path in here else 'removed: '}{printable(path)}" for path in changed]
    ui.data(
        {
            "folder": str(folder),
            "files": [f.path for f in files],
            "changed": changed,
            "unpinned": list(unpinned),
            "findings": findings_json(findings),
        },
        "\n".join([*lines, f"{counted(len(files), 'file')} in {folder}, {len(changed)} changed"]),
    )
    if unpinned:
        ui.say(
            f"{counted(len(unpinned), 'image has', 'images have')} no digest, so a tag may mean "
            "something else tomorrow: `chatops lock` asks the registries; deploy wants them"
        )


def lock(ui: Ui, options: Options, *, check: bool, update: bool) -> None:
    """Ask the registries what the tags stand for, and write it down, or compare."""
    company, environment = open_company(Options(file=options.file, env=options.env))
    hosting = environment.hosting
    network = environments.from_flags(
        "https://registry.invalid",
        ca_file=str(options.ca_file or (hosting and hosting.registry_ca_file) or ""),
        proxy=options.proxy or "",
        timeout=options.timeout,
    ).network
    path = company.folder / images.FILE
    there = images.read(path)
    asked = _Asked(company, hosting, network, there, update)
    found: dict[str, Locked] = {}
    failed: dict[str, ChatopsError] = {}
    with ui.working("asking the registries", total=len(asked.names)):
        for name in asked.names:
            ui.step(name)
            try:
                found[name] = asked.now(name)
            except ChatopsError as error:
                failed[name] = error
    for problem in () if ui.as_json else _together(failed):
        ui.error(problem)
    differ = {n: now for n, now in found.items() if there.own.get(n) != now}
    ui.data(
        {
            "file": str(path),
            "images": {n: str(now.image) for n, now in sorted(found.items())},
            "changed": sorted(differ),
            "failed": {n: e.message for n, e in sorted(failed.items())},
        },
        "\n".join(_line(n, there.own.get(n), now) for n, now in sorted(found.items())),
    )
    if failed:
        raise ChatopsError(
            f"{len(failed)} of {len(asked.names)} images could not be asked for"
            + ("" if check else "; nothing was written"),
            hint="a registry of your own is named as `images: {registry: …}` in environment.yaml",
        )
    if check and differ:
        raise PendingChangesError(
            f"{counted(len(differ), 'image is', 'images are')} not as {path} says"
        )
    if not check:
        text = images.text({**there.own, **found})
        changed = rendering.write_file(path, text)
        ui.say(f"{path} {'written' if changed else 'is as it was'}")


def _together(failed: dict[str, ChatopsError]) -> list[ChatopsError]:
    """What went wrong, once for all images of which the same is said."""
    names: dict[tuple[str, str], list[str]] = {}
    for name, error in sorted(failed.items()):
        names.setdefault((error.message, error.hint), []).append(name)
    return [ChatopsError(f"{', '.join(n)}: {text}", hint=h) for (text, h), n in names.items()]


class _Asked:
    """What is asked for a company: which images, at which tags, of which registries."""

    def __init__(
        self,
        company: Company,
        hosting: Hosting | None,
        network: Network,
        there: Lock,
        update: bool,
    ) -> None:
        spec = company.loaded.spec
        video, storage = spec.video, spec.storage
        self.there = there
        self.update = update
        self.chat = image_name(company.platform.name, company.release.edition)
        self.told = version_of(company.desired.version or "")
        self.names = needed(
            company.platform.name,
            company.release.edition,
            database=not (storage and storage.database and storage.database.mode == "external"),
            video=video is not None,
            recording=bool(video and video.recording),
            relay=bool(video and video.turn),
            monitoring=hosting is None or hosting.monitoring,
        )
        self.registries = Registries(
            network,
            own=hosting.registry if hosting else "",
            insecure=bool(hosting and hosting.registry_insecure),
        )

    def now(self, name: str) -> Locked:
        """An image as its registry has it now."""
        known = self.there.images[name].image
        tag = self._tag(name, known.tag)
        return self.registries.locked(replace(known, tag=tag, digest=""))

    def _tag(self, name: str, tag: str) -> str:
        wanted = series(name, tag)
        if name == self.chat and self.told and version_of(tag)[: len(self.told)] != self.told:
            wanted = self.told
        elif not self.update:
            return tag
        image = self.there.images[name].image
        found = newest(name, self.registries.tags(image), wanted)
        if found is None:
            release = ".".join(map(str, wanted))
            raise ChatopsError(f"{image.repository} has no release of {release}")
        return found


def _line(name: str, before: Locked | None, now: Locked) -> str:
    sign = " " if before == now else "+" if before is None else "~"
    was = f"  (was {before.tag})" if before is not None and before.tag != now.tag else ""
    return f"  {sign} {name:<21}  {now.image}{was}"
