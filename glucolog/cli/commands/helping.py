"""Reading matter: `help TOPIC` and `completion SHELL`."""

from __future__ import annotations

from importlib.resources import files

import click

from glucolog.cli.desk import answer
from glucolog.cli.framework import command
from glucolog.errors import NotFoundError

SHELLS = ("bash", "zsh", "fish")


def topics() -> dict[str, str]:
    """Return every help topic with its title, the first line of its page."""
    pages = sorted(
        (page for page in files("glucolog.help").iterdir() if page.name.endswith(".md")), key=lambda page: page.name
    )
    return {
        page.name.removesuffix(".md"): page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for page in pages
    }


@command("help")
@click.argument("words", nargs=-1, metavar="[TOPIC]")
@click.pass_context
def help_topic(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Read about a topic; without one, list them. `help session edit` shows a command's options."""
    known, topic = topics(), " ".join(words)
    if not topic:
        answer(
            ctx,
            lambda: {"topics": known},
            lambda: "\n".join(["Topics:", *(f"  {name:12} {title}" for name, title in known.items())]),
        )
        return
    answer(ctx, lambda: {"topic": topic, "text": _page(ctx, topic, known)}, lambda: _page(ctx, topic, known))


def _page(ctx: click.Context, topic: str, known: dict[str, str]) -> str:
    if topic in known:
        return (files("glucolog.help") / f"{topic}.md").read_text(encoding="utf-8")
    found = _command(ctx, topic)
    if found is None:
        raise _no_help(ctx, topic, known)
    return found.get_help(click.Context(found, info_name=f"glucolog {topic}"))


def _command(ctx: click.Context, topic: str) -> click.Command | None:
    found: click.Command | None = ctx.find_root().command
    for word in topic.split():
        found = found.get_command(ctx, word) if isinstance(found, click.Group) else None
    return found


def _no_help(ctx: click.Context, topic: str, known: dict[str, str]) -> NotFoundError:
    from difflib import get_close_matches

    root = ctx.find_root().command
    commands = root.list_commands(ctx) if isinstance(root, click.Group) else []
    near = get_close_matches(topic, [*known, *commands], n=3)
    offered = f"Did you mean {' or '.join(near)}?" if near else f"Topics: {', '.join(known)}; or any command."
    return NotFoundError(f"There is no help on “{topic}”.", offered)


@command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script: `eval "$(glucolog completion bash)"`."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # click ships the three shells of SHELLS
        raise NotFoundError(f"No completion for {shell}.", f"Shells: {', '.join(SHELLS)}.")
    script = kind(ctx.find_root().command, {}, "glucolog", "_GLUCOLOG_COMPLETE").source()
    answer(ctx, lambda: {"shell": shell, "script": script}, lambda: script)
