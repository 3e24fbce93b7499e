"""What other programs do in the chat."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["integrations"]

_HOOKS = "apps/meteor/app/integrations/server"


def integrations(release: Release) -> Mapping[str, Support]:
    """The cells about webhooks, commands, bots and emoji."""
    return {
        "incoming-webhook.channel": Support(
            Can.YES,
            "it writes as rocket.cat, who is brought into the channel; where only leads may write "
            "it cannot",
            in_source("apps/meteor/app/lib/server/functions/processWebhookMessage.ts"),
        ),
        "incoming-webhook.description": Support(
            Can.NO,
            "Rocket.Chat has no description on a webhook; it is left out",
            f"{RECORDED}: integrations.create",
        ),
        "incoming-webhook.username": Support(
            Can.YES, "kept as the webhook's alias", f"{RECORDED}: integrations.update"
        ),
        "incoming-webhook.icon_url": Support(
            Can.YES, "kept as the webhook's avatar", f"{RECORDED}: integrations.update"
        ),
        "outgoing-webhook.url": Support(
            Can.YES,
            "an address inside the company's own network has to be allowed on the server first "
            "(SSRF_Allowlist)",
            in_source("apps/meteor/app/lib/server/functions/checkUrlForSsrf.ts"),
        ),
        "outgoing-webhook.description": Support(
            Can.NO,
            "Rocket.Chat has no description on a webhook; it is left out",
            in_source(f"{_HOOKS}/lib/validateOutgoingIntegration.ts"),
        ),
        "bot": Support(
            Can.YES,
            "an account with the role bot and an address without a mailbox; only it can make its "
            "token, so it gets a password, too, and both are kept in the vault",
            in_source("apps/meteor/app/api/server/v1/users.ts"),
        ),
        "bot.description": Support(
            Can.YES, "kept as the account's biography", f"{RECORDED}: users.create with bio"
        ),
        "emoji.picture": Support(
            Can.YES,
            "scaled to 512 points at most; which picture an emoji has is remembered in the vault, "
            "for the server does not tell",
            in_source("apps/meteor/app/emoji-custom/server/lib/uploadEmojiCustom.ts"),
        ),
        "slash-command": Support(
            Can.NO,
            "Rocket.Chat has slash commands out of apps only, none by its interface; an outgoing "
            "webhook with a trigger word (`!truck` instead of `/truck`) does the same",
            in_source("apps/meteor/app/api/server/v1/commands.ts"),
        ),
    }
