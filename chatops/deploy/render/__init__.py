"""Every file of an installation, from the company file: pure, and the same to the byte each time.

`plan` decides, `files` is what it comes to, `write` makes a folder hold just that. No secret is
in any of them: `secret_files` makes those, for the roles to write on the hosts.
"""

from chatops.deploy.render.folder import LISTING, RenderedFile, write, write_file
from chatops.deploy.render.manifest import files
from chatops.deploy.render.model import HostPlan, Installation, PartPlan, SecretNeed
from chatops.deploy.render.planning import plan
from chatops.deploy.render.sandbox import render
from chatops.deploy.render.secrets import SecretFile, secret_files

__all__ = [
    "LISTING",
    "HostPlan",
    "Installation",
    "PartPlan",
    "RenderedFile",
    "SecretFile",
    "SecretNeed",
    "files",
    "plan",
    "render",
    "secret_files",
    "write",
    "write_file",
]
