"""Where the server says that it is: the address that others are told."""

from urllib.parse import quote

from chatops.errors import ApiError
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.refusals import NO_ENDPOINT

__all__ = ["site_url"]


def site_url(client: Client) -> str:
    """Where the server says that it is, without a last slash; else where we found it."""
    try:
        value = client.get("settings/Site_Url").get("value")
    except ApiError as error:
        if error.code != NO_ENDPOINT and error.status not in (400, 403):
            raise
        value = None
    text = value if isinstance(value, str) and value.startswith(("http://", "https://")) else ""
    # Nothing in it may end the text or the page that it is put into.
    return quote((text or client.http.base).rstrip("/"), safe=":/?#[]@!$&()*+,;=%~")
