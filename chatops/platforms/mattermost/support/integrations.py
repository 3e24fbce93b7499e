"""What other programs do in the chat."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Support
from chatops.platforms.mattermost.support.sources import RECORDED, in_source

__all__ = ["integrations"]

_LIVE_CHAT = (
    "Mattermost has no chat for visitors of a website; Rocket.Chat has, also without a licence"
)


def integrations() -> Mapping[str, Support]:
    """The cells about webhooks, commands, bots, emoji, and customers on the website."""
    hooks = in_source("channels/app/webhook.go")
    return {
        "incoming-webhook.channel": Support(
            Can.YES, "it writes into this channel alone", f"{RECORDED}: POST /hooks/incoming"
        ),
        "incoming-webhook.username": Support(
            Can.YES,
            "webhooks are then allowed to write under another name "
            "(ServiceSettings.EnablePostUsernameOverride)",
            hooks,
        ),
        "incoming-webhook.icon_url": Support(
            Can.YES,
            "webhooks are then allowed to write under another picture "
            "(ServiceSettings.EnablePostIconOverride)",
            hooks,
        ),
        "outgoing-webhook.channel": Support(
            Can.YES, "a public channel: the server refuses a private one", hooks
        ),
        "slash-command.description": Support(
            Can.YES,
            "kept as the words of autocompletion",
            in_source("public/model/command.go"),
        ),
        "bot": Support(
            Can.YES,
            "a token is made with the bot and kept in the vault, for the server shows it once",
            f"{RECORDED}: POST /bots; {in_source('channels/app/session.go')}",
        ),
        "bot.channels": Support(
            Can.YES, "the bot comes into the channel's team as well", f"{RECORDED}: POST /bots"
        ),
        "emoji.picture": Support(
            Can.YES,
            "the server keeps it scaled to 128 pixels; whether it is still the one of the file is "
            "told by the vault, and another picture is a new emoji under the same name",
            f"{RECORDED}: POST /emoji",
        ),
        "department": Support(Can.NO, _LIVE_CHAT, "docs.mattermost.com"),
        "business-hours": Support(Can.NO, _LIVE_CHAT, "docs.mattermost.com"),
        "setting.live_chat": Support(Can.NO, _LIVE_CHAT, "docs.mattermost.com"),
    }
