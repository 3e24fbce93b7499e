"""Which images an installation runs: each by tag and digest, in one file, asked of a registry."""

from chatops.deploy.images.lock import FILE, Lock, Locked, Platform, packaged, read, text
from chatops.deploy.images.reference import Reference

__all__ = ["FILE", "Lock", "Locked", "Platform", "Reference", "packaged", "read", "text"]
