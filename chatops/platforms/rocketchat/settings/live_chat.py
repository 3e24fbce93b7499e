"""Chat with customers: which website, what it says, how it looks; and the snippet for that website.

Which hosts may show the widget is a list with commas, compared with the host of the page that asks
(apps/meteor/app/livechat/server/livechat.ts of RocketChat/Rocket.Chat, 8.x).
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from chatops.platforms.rocketchat.settings.entries import Entry, Wire, as_text, entry, text
from chatops.resources import SettingValue

__all__ = ["FRESH", "LIVE_CHAT", "colour", "origin", "snippet"]

_HOSTS: Final = "Livechat_AllowedDomainsList"
_FORM: Final = "Livechat_display_offline_form"
_ABOVE, _INSTEAD = "Livechat_offline_message", "Livechat_offline_form_unavailable"
_SHORT: Final = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
_PORTS: Final = {"http": 80, "https": 443}


def origin(website: str) -> str:
    """A website as the server tells it from others: by its host alone."""
    parts = urlsplit(website)
    try:
        port = parts.port
    except ValueError:
        return website
    if not parts.hostname:
        return website
    own = f":{port}" if port is not None and port != _PORTS.get(parts.scheme) else ""
    return f"https://{parts.hostname}{own}"


def colour(value: str) -> str:
    """A colour with two digits each, as the server's own picker writes it."""
    folded = value.strip().lower()
    short = _SHORT.fullmatch(folded)
    return "#" + "".join(2 * digit for digit in short.groups()) if short else folded


def _read_website(wire: Wire) -> SettingValue:
    hosts = [part.strip() for part in as_text(wire[_HOSTS]).split(",") if part.strip()]
    return ", ".join(f"https://{host}" for host in hosts)


def _write_website(value: str) -> Wire:
    return {_HOSTS: origin(value).removeprefix("https://")}


def _offline(wire: Wire) -> SettingValue:
    """What is said: beside the form for messages, or in its place."""
    return as_text(wire[_ABOVE if wire[_FORM] is True else _INSTEAD])


LIVE_CHAT: Final[Mapping[str, Entry]] = {
    "live_chat.enabled": entry(
        ("Livechat_enabled",),
        lambda w: w["Livechat_enabled"] is True,
        lambda v: {"Livechat_enabled": v},
    ),
    "live_chat.website": entry((_HOSTS,), _read_website, _write_website),
    "live_chat.offline_message": Entry(
        (_ABOVE, _INSTEAD),
        _offline,
        lambda value, there: {_ABOVE: value, _INSTEAD: value},
        beside=(_FORM,),
    ),
    "live_chat.widget.title": text("Livechat_title"),
    "live_chat.widget.color": entry(
        ("Livechat_title_color",),
        lambda w: colour(as_text(w["Livechat_title_color"])),
        lambda v: {"Livechat_title_color": colour(v)},
    ),
}

FRESH: Final[Wire] = {
    "Livechat_enabled": True,
    _HOSTS: "",
    _ABOVE: "",
    _INSTEAD: "",
    _FORM: True,
    "Livechat_title": "Rocket.Chat",
    "Livechat_title_color": "#C1272D",
}


_SNIPPET: Final = """<!-- Start of Rocket.Chat Livechat Script -->
\t<script type="text/javascript">
\t(function(w, d, s, u) {
\t\tw.RocketChat = function(c) { w.RocketChat._.push(c) }; \
w.RocketChat._ = []; w.RocketChat.url = u;
\t\tvar h = d.getElementsByTagName(s)[0], j = d.createElement(s);
\t\tj.async = true; j.src = 'SITE/livechat/rocketchat-livechat.min.js?_=201903270000';
\t\th.parentNode.insertBefore(j, h);
\t})(window, document, 'script', 'SITE/livechat');
\t</script>"""


def snippet(site: str) -> str:
    """What is pasted into the website, before the end of its body.

    To the letter what the server's own page shows (Omnichannel → Livechat installation:
    apps/meteor/client/views/omnichannel/installation/Installation.tsx, 8.x). `site` is the server's
    address, in which nothing may end the text that it is put into.
    """
    return _SNIPPET.replace("SITE", site)
