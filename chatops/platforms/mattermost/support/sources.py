"""How facts of this product are known, in the words of the support table."""

__all__ = ["EDITIONS_PAGE", "PLUGIN_SOURCE", "RECORDED", "TRIED", "in_source"]

RECORDED = "Mattermost 11.6 recorded"
TRIED = "Mattermost 11.2, built from public source, tried"
PLUGIN_SOURCE = "mattermost-community/mattermost-plugin-jitsi plugin.json, server/ (2.0)"
EDITIONS_PAGE = "docs.mattermost.com product-overview/editions-and-offerings"


def in_source(path: str, when: str = "11.2") -> str:
    """A file of the vendor's public repository, and of which release it was read."""
    return f"mattermost/mattermost server/{path} ({when})"
