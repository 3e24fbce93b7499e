"""What the verbs around an installation's files do: `render` and `lock`."""

from pathlib import Path

from chatops.deploy import images
from chatops.deploy import render as rendering
from chatops.deploy.company import Company
from chatops.environments import Environment
from chatops.errors import Finding
from chatops.opening import Options, open_company
from chatops.spec.text import printable
from chatops.ui import Ui, findings_json

__all__ = ["planned", "render", "rendered"]


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
        "\n".join([*lines, f"{len(files)} files in {folder}, {len(changed)} changed"]),
    )
    if unpinned:
        ui.say(
            f"{len(unpinned)} images have no digest, so their tags may mean something else "
            "tomorrow: `chatops lock` asks the registries; deploy wants them"
        )
