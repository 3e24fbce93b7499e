"""An installation on hosts, reached by SSH: what they are told, and what is done on them."""

from chatops.deploy.hosts.site import Site
from chatops.deploy.hosts.told import Told, told

__all__ = ["Site", "Told", "told"]
