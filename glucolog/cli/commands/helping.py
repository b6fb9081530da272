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
@click.argument("topic", required=False)
@click.pass_context
def help_topic(ctx: click.Context, topic: str | None) -> None:
    """Read about a topic; without one, list them. `help COMMAND` shows a command's options."""
    known = topics()
    if topic is None:
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
    root = ctx.find_root().command
    found = root.get_command(ctx, topic) if isinstance(root, click.Group) else None
    if found is None:
        raise NotFoundError(f"There is no help on “{topic}”.", f"Topics: {', '.join(known)}; or any command.")
    return found.get_help(click.Context(found, info_name=f"glucolog {topic}"))


@command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script: `eval "$(glucolog completion bash)"`."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # click ships the three shells of SHELLS
        raise NotFoundError(f"No completion for {shell}.", f"Shells: {', '.join(SHELLS)}.")
    click.echo(kind(ctx.find_root().command, {}, "glucolog", "_GLUCOLOG_COMPLETE").source())
