"""The Mattermost stand-in: Team Edition 11.6.0 without a licence."""

from chatops.sandbox.mattermost.workspace import MattermostWorkspace

__all__ = ["MattermostWorkspace"]
