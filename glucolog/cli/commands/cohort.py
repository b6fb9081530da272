"""`cohort`: shards of those who agreed to be counted, and one question asked of everyone in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glucolog.cli.commands.effect import choice_of, choice_options, outcome_option
from glucolog.cli.desk import WARNED, answer, now_in, open_log, said
from glucolog.cli.framework import Body, group, options
from glucolog.cli.progress import bar
from glucolog.core.wording import cohort as wording
from glucolog.errors import UsageError

if TYPE_CHECKING:
    from glucolog.services.cohort.executors import Mapper
    from glucolog.services.cohort.work import Task

OUTPUT = "A row a person (.csv, .parquet), or the group as a page (.html). Many."


@group(name="cohort", help="Many people at once, from those who agreed to be counted.")
def cohort() -> None:
    """Many people."""


def _run_options(function: Body) -> Body:
    return options(
        click.argument("folder", metavar="FOLDER"),
        click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help=OUTPUT),
        click.option("--workers", type=click.IntRange(1, 1024), help="Use so many processes."),
        click.option("--cluster", metavar="ADDRESS", help="Use the workers of this Dask scheduler (tcp://host:port)."),
        click.option("--fresh", is_flag=True, help="Ask every shard again, also those done before."),
    )(function)  # fmt: skip


@cohort.command("export")
@click.argument("folder", metavar="FOLDER")
@click.option(
    "--keep-dates", is_flag=True, help="Leave the real dates and zones (default: moved by a secret a person)."
)
@click.option("--people-a-shard", type=click.IntRange(1, 100_000), help="How many people a shard holds.")
@click.pass_context
def export(ctx: click.Context, folder: str, keep_dates: bool, people_a_shard: int | None) -> None:
    """Write Parquet shards of everyone who agreed to be counted, without names, on moved dates."""
    from glucolog.services.cohort.shards import PEOPLE_A_SHARD
    from glucolog.services.cohort.sharing import Sharing, share

    how = Sharing(now=now_in("UTC"), keep_dates=keep_dates, people_a_shard=people_a_shard or PEOPLE_A_SHARD)
    with open_log(ctx) as log, bar("People", quiet=said(ctx).as_json) as progress:
        done = share(log, Path(folder), how, progress)
    document = {
        "folder": folder, "people": done.cohort.people, "left_out": done.left_out, "shards": len(done.cohort.shards),
        "readings": sum(shard.readings for shard in done.cohort.shards), "dates_shifted": done.cohort.dates_shifted,
    }  # fmt: skip
    answer(ctx, lambda: document, lambda: _exported(document))


def _exported(document: dict[str, Any]) -> str:
    head = "Wrote {people:,} people with {readings:,} readings in {shards:,} shards to {folder}.".format(**document)
    dates = wording.SHIFTED if document["dates_shifted"] else wording.DATES_KEPT
    return "\n".join([head, wording.CONSENT.format(left_out=document["left_out"]), dates])


@cohort.command("stats")
@_run_options
@click.pass_context
def stats(ctx: click.Context, /, **given: Any) -> None:
    """Consensus metrics and episodes of everyone, and who needs a look."""
    from glucolog.services.cohort.work import Question, Task

    _run(ctx, Task(question=Question.STATS), given)


@cohort.command("effect")
@_run_options
@outcome_option
@choice_options
@click.pass_context
def effect(ctx: click.Context, /, outcome: str, **given: Any) -> None:
    """Everyone's own matched estimate, and what they have in common."""
    from glucolog.analysis.outcomes import Outcome
    from glucolog.services.cohort.work import Question, Task

    _run(ctx, Task(question=Question.EFFECT, outcome=Outcome(outcome), choice=choice_of(given)), given)


@cohort.command("lows")
@_run_options
@click.pass_context
def lows(ctx: click.Context, /, **given: Any) -> None:
    """Lows after everyone's sessions, by when they began."""
    from glucolog.services.cohort.work import Question, Task

    _run(ctx, Task(question=Question.LOWS), given)


def _run(ctx: click.Context, task: Task, given: dict[str, Any]) -> None:
    from glucolog.services.cohort import results
    from glucolog.services.cohort.running import run
    from glucolog.services.cohort.shards import read_cohort
    from glucolog.services.cohort.summary import summarise

    for file in given["outputs"]:
        results.ending(file)
    found, mapper = read_cohort(Path(given["folder"])), _mapper(given)
    with bar("Shards", quiet=said(ctx).as_json) as progress:
        done = run(found, task, mapper, fresh=given["fresh"], progress=progress)
    summary = summarise(done)
    written = [str(results.write(done, summary, file)) for file in given["outputs"]]
    answer(
        ctx,
        lambda: {**results.document(summary), "resumed_shards": done.resumed, "wrote": written},
        lambda: "\n".join([*results.lines(summary), *(f"Wrote {file}" for file in written), "", *summary.notes]),
    )
    if done.failed:
        ctx.exit(WARNED)


def _mapper(given: dict[str, Any]) -> Mapper:
    from glucolog.services.cohort.executors import in_pool, in_process, on_cluster

    if given["workers"] and given["cluster"]:
        raise UsageError("--workers and --cluster say two different things.", "Give one of them.")
    if given["cluster"]:
        return on_cluster(given["cluster"])
    return in_pool(given["workers"]) if given["workers"] else in_process
