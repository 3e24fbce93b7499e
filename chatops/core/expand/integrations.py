"""What other programs do in the chat."""

from chatops.core.desired import Path
from chatops.core.expand.book import Book, given, squeezed, text
from chatops.resources import (
    Bot,
    Emoji,
    IncomingWebhook,
    Key,
    Kind,
    OutgoingWebhook,
    Resource,
    SlashCommand,
)
from chatops.spec.models import Model

__all__ = ["expand_integrations"]


def expand_integrations(book: Book) -> None:
    """Webhooks, commands, bots and emoji, where the file has a list of them."""
    listed = book.spec.integrations
    path: Path = ("integrations",)
    if listed.incoming_webhooks is not None:
        book.sections.add(Kind.INCOMING_WEBHOOK)
        for i, hook in enumerate(listed.incoming_webhooks):
            place = (*path, "incoming_webhooks", i)
            incoming = IncomingWebhook(
                name=str(squeezed(hook.name)),
                channel=book.channel(hook.channel, (*place, "channel")),
                description=text(hook.description),
                username=squeezed(hook.username),
                icon_url=given(hook.icon_url),
            )
            _add(book, incoming, hook, place)
    if listed.outgoing_webhooks is not None:
        book.sections.add(Kind.OUTGOING_WEBHOOK)
        for i, told in enumerate(listed.outgoing_webhooks):
            place = (*path, "outgoing_webhooks", i)
            outgoing = OutgoingWebhook(
                name=str(squeezed(told.name)),
                channel=book.channel(told.channel, (*place, "channel")),
                trigger_words=frozenset(w.strip() for w in told.trigger_words),
                url=told.url,
                description=text(told.description),
            )
            _add(book, outgoing, told, place)
    if listed.slash_commands is not None:
        book.sections.add(Kind.SLASH_COMMAND)
        teams = {t.name for t in book.spec.teams}
        for i, command in enumerate(listed.slash_commands):
            place = (*path, "slash_commands", i)
            if command.team not in teams:
                book.dangle((*place, "team"), command.team, "teams", teams)
            slash = SlashCommand(
                team=command.team,
                trigger=command.trigger,
                url=command.url,
                method=given(command.method),
                display_name=squeezed(command.display_name),
                description=squeezed(command.description),
                hint=squeezed(command.hint),
                autocomplete=given(command.autocomplete),
                username=squeezed(command.username),
            )
            _add(book, slash, command, place)
    if listed.bots is not None:
        book.sections.add(Kind.BOT)
        for i, program in enumerate(listed.bots):
            place = (*path, "bots", i)
            inside = (
                None
                if program.channels is None
                else frozenset(
                    book.channel(c, (*place, "channels", j)) for j, c in enumerate(program.channels)
                )
            )
            if program.username in book.usernames:
                book.wrong(
                    "bot-person",
                    (*place, "username"),
                    program.username,
                    f"`{program.username}` is the name of a person under `users` as well",
                    "choose another name for the bot",
                )
            bot = Bot(
                username=program.username,
                display_name=squeezed(program.display_name),
                description=squeezed(program.description),
                channels=given(inside),
                active=True,
            )
            _add(book, bot, program, place)
            book.picture(bot.key, program.picture, (*place, "picture"))
    if listed.emoji is not None:
        book.sections.add(Kind.EMOJI)
        for i, image in enumerate(listed.emoji):
            place = (*path, "emoji", i)
            emoji = Emoji(name=image.name)
            book.add(emoji, place, name=(*place, "name"))
            book.picture(Key(Kind.EMOJI, image.name), image.file, (*place, "file"))


def _add(book: Book, resource: Resource, model: Model, path: Path) -> None:
    book.add(resource, path, **{n: (*path, n) for n in model.model_fields_set})
