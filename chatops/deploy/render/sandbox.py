"""The files of an environment that is a sandbox on this machine."""

import json

from chatops import assets
from chatops.deploy.render.folder import RenderedFile
from chatops.spec.models import Spec

__all__ = ["render"]


def render(
    spec: Spec, environment: str, platform: str, *, port: int = 0
) -> tuple[RenderedFile, ...]:
    """The files for a company in an environment that stands in for this platform.

    `port` is the one that people would like; 0 for any.
    """
    values = {
        "company": spec.company.name,
        "environment": environment,
        "platform": platform,
        "port": port,
    }
    variables = {"sandbox_company": spec.company.name, "sandbox_product": platform}
    text = json.dumps(variables, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return tuple(
        sorted(
            (
                RenderedFile("README.md", _filled("README.md.j2", values)),
                RenderedFile("sandbox.json", _filled("sandbox.json.j2", values)),
                RenderedFile("vars.json", text),
            )
        )
    )


def _filled(name: str, values: dict[str, object]) -> str:
    return assets.template(f"sandbox/{name}").render(values)
