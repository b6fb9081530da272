"""A cohort: the same answers from every executor and from one person's own commands, whatever dies meanwhile."""

from __future__ import annotations

import shutil
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from glucolog.analysis.cohort import Row, person_effect, person_lows, person_stats
from glucolog.core.columns import ReadingBlock, Trace
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Session, Therapy
from glucolog.core.units import Source, Unit
from glucolog.services.choice import Choice
from glucolog.services.cohort import executors
from glucolog.services.cohort.executors import in_pool, in_process, on_cluster
from glucolog.services.cohort.problems import FolderTakenError, NoClusterError, NoCohortError
from glucolog.services.cohort.running import run
from glucolog.services.cohort.shards import Cohort, read_cohort, read_people, write_cohort
from glucolog.services.cohort.work import Question, Task
from glucolog.services.documents import plain as plain_value
from glucolog.storage import Log, new_id, open_log
from tests.clinic import conftest as made_up
from tests.clinic.conftest import WALK, ZONE, Shell, activities, sessions, shared_person, trace
from tests.clinic.dask_cluster import Cluster, scheduled
from tests.clinic.jobs import dies_always, dies_once, every_question, stays
from tests.conftest import need

pytest.importorskip("pyarrow")

AGREED, DECLINED = ("Adelgunde-Marie", "Benjamin-Theodor", "Cleopatra-Luise"), "Dorothea-Sophie"
"""Names that no compressed bytes hold by chance."""
STATS, EFFECT, LOWS = (Task(question=question) for question in Question)
FRICTION = "--technique", "friction", "--area", "calf", "--outcome", "nadir"
NOW = Moment(1_790_000_000, ZONE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Six people of two weeks in three shards."""
    people = (shared_person(seed, days=14) for seed in range(6))
    return write_cohort(tmp_path_factory.mktemp("made") / "cohort", people, dates_shifted=False, people_a_shard=2)


@pytest.fixture
def cohort(tmp_path: Path, made: Cohort) -> Cohort:
    """A copy to damage, and to keep results in."""
    return replace(made, folder=Path(shutil.copytree(made.folder, tmp_path / "cohort")))


Expected = Callable[[Task], list[Row]]


@pytest.fixture(scope="module")
def expected(made: Cohort) -> Expected:
    """The kernel of each person, without shards' results, executors or resuming."""

    @cache
    def rows(task: Task) -> list[Row]:
        return [task.kernel(person) for piece in made.pieces for person in read_people(piece.folder)]

    return rows


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two workers of a Dask scheduler, in processes of their own."""
    need(_has("distributed"), "distributed")
    with scheduled(workers=2) as started:
        yield started


@pytest.mark.parametrize("task", [STATS, EFFECT, LOWS], ids=lambda task: str(task.question))
def test_a_run_gives_what_the_kernel_gives(cohort: Cohort, expected: Expected, task: Task) -> None:
    assert list(run(cohort, task).rows) == expected(task)
    assert [row["person"] for row in expected(task)] == [f"{seed:04}" for seed in range(6)]


def test_a_pool_and_a_cluster_give_what_a_loop_gives(cohort: Cohort, cluster: Cluster) -> None:
    answers = [
        sorted(mapper(every_question, cohort.pieces), key=lambda done: done.shard)
        for mapper in (in_process, in_pool(2), on_cluster(cluster.address))
    ]
    assert answers[0] == answers[1] == answers[2]
    assert [len(done.rows) for done in answers[0]] == [len(Question) * shard.people for shard in cohort.shards]


def test_a_worker_killed_mid_way_changes_nothing(cohort: Cohort, expected: Expected, tmp_path: Path) -> None:
    two = cohort.pieces[:2]
    done = list(in_pool(2)(partial(dies_once, STATS, tmp_path), two))
    assert (tmp_path / "died").exists()
    assert sorted(one.shard for one in done) == [piece.name for piece in two]
    rows = [row for one in sorted(done, key=lambda one: one.shard) for row in one.rows]
    assert rows == expected(STATS)[:4]


def test_a_worker_of_a_cluster_killed_mid_way_changes_nothing(
    cohort: Cohort, expected: Expected, tmp_path: Path, cluster: Cluster
) -> None:
    done = list(on_cluster(cluster.address)(partial(dies_once, STATS, tmp_path), cohort.pieces))
    assert (tmp_path / "died").exists()
    rows = [row for one in sorted(done, key=lambda one: one.shard) for row in one.rows]
    assert rows == expected(STATS)


def test_a_scheduler_without_workers_and_one_that_goes_away_are_named(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(_has("distributed"), "distributed")
    names = [shard.name for shard in cohort.shards]
    with scheduled(workers=0) as nobody:
        with monkeypatch.context() as impatient:
            impatient.setattr(executors, "ALONE_S", 0.2)
            failed = run(cohort, STATS, on_cluster(nobody.address)).failed
        assert [(one.shard, one.reason) for one in failed] == [(name, executors.ALONE) for name in names]
        look = executors._has_workers

        def kill_and_look(client: Any) -> bool:
            nobody.process.kill()
            return look(client)

        monkeypatch.setattr(executors, "CONNECT_S", 5)  # it is looked for again for as long
        monkeypatch.setattr(executors, "LOOK_S", 0.0)
        monkeypatch.setattr(executors, "_has_workers", kill_and_look)
        failed = run(cohort, STATS, on_cluster(nobody.address)).failed
    assert [(one.shard, one.reason) for one in failed] == [(name, executors.LOST) for name in names]


def test_only_the_shard_that_kills_is_given_up(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "TRIES", 1)
    done = list(in_pool(1)(partial(dies_always, STATS), cohort.pieces))
    assert {one.shard: one.reason is None for one in done} == {
        "shard-00000": True,
        "shard-00001": False,
        "shard-00002": True,
    }


def test_whoever_stops_half_way_waits_for_no_worker(cohort: Cohort) -> None:
    mapped = in_pool(2)(stays, cohort.pieces)
    assert next(mapped).shard == "shard-00000"
    begin = time.monotonic()
    mapped.close()  # type: ignore[attr-defined]  # a generator, as every mapper's is
    assert time.monotonic() - begin < 60
    assert active_children() == []


def test_a_damaged_shard_is_named_and_the_rest_finished_then_resumed(cohort: Cohort, expected: Expected) -> None:
    readings = cohort.folder / "shard-00001" / "readings.parquet"
    whole = readings.read_bytes()
    readings.write_bytes(whole[: len(whole) // 2])
    first = run(cohort, STATS)
    assert [failure.shard for failure in first.failed] == ["shard-00001"]
    assert [row["person"] for row in first.rows] == [f"{seed:04}" for seed in (0, 1, 4, 5)]
    readings.write_bytes(whole)
    second = run(cohort, STATS)
    assert second.resumed == 2
    assert second.failed == ()
    assert list(second.rows) == expected(STATS)


def test_one_changed_bit_is_a_named_shard_and_not_another_number(cohort: Cohort) -> None:
    readings = cohort.folder / "shard-00001" / "readings.parquet"
    whole = bytearray(readings.read_bytes())
    whole[len(whole) // 3] ^= 1
    readings.write_bytes(whole)
    failed = run(cohort, STATS).failed
    assert [(one.shard, one.reason) for one in failed] == [
        ("shard-00001", "Its bytes are not those that were exported.")
    ]


def test_rows_cut_short_by_a_crash_or_of_another_export_are_not_used(cohort: Cohort, expected: Expected) -> None:
    run(cohort, STATS)
    kept = sorted((cohort.folder / "results" / "stats").iterdir())
    kept[0].write_text(kept[0].read_text()[:100])
    kept[1].write_text(kept[1].read_text().replace(cohort.shards[1].sha256, "0" * 64))
    again = run(cohort, STATS)
    assert again.resumed == 1
    assert list(again.rows) == expected(STATS)


def test_a_later_choice_knows_the_answers_before_it_and_the_first_one_none(cohort: Cohort) -> None:
    chosen = replace(EFFECT, choice=Choice(techniques=("friction",)))
    first, second, again = (run(cohort, task) for task in (EFFECT, chosen, EFFECT))
    assert (first.before, again.before, run(cohort, STATS).before) == ((), (), ())
    assert second.before == ({str(row["person"]): row for row in first.rows},)
    kept = sorted((cohort.folder / "results" / EFFECT.key).iterdir())
    kept[0].unlink()
    assert run(cohort, chosen).before == ()


def test_progress_tells_every_shard(cohort: Cohort) -> None:
    told: list[tuple[int, int]] = []
    run(cohort, STATS, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_no_folder_a_full_folder_and_no_scheduler_are_said(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "CONNECT_S", 1)
    with pytest.raises(NoCohortError):
        read_cohort(tmp_path / "nothing")
    with pytest.raises(FolderTakenError):
        write_cohort(cohort.folder, [], dates_shifted=True)
    need(_has("distributed"), "distributed")
    with pytest.raises(NoClusterError):
        run(cohort, STATS, on_cluster("tcp://127.0.0.1:1"))


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def test_who_did_not_agree_is_passed_over_even_in_a_shard_made_by_others(cohort: Cohort) -> None:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    file = cohort.folder / "shard-00000" / "people.parquet"
    table = pq.read_table(file)
    rows = table.to_pylist()
    rows[1]["research_consent"] = False
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), file)
    assert [person.label for person in read_people(file.parent)] == ["0000"]


# From a log, by the command line


def fill(log: Log, name: str, seed: int, *, consent: bool) -> Person:
    person = Person(id=new_id(), name=name, unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI, research_consent=consent)
    with log.write(uid=new_id(), summary=f"add {name}", person_id=person.id, at=NOW) as writer:
        writer.add(person)
        for session in sessions(30, seed):
            writer.add(_own(session, person))
        for activity in activities(30):
            writer.add(replace(activity, id=new_id(), person_id=person.id))
    _bring(log, person, trace(30, seed))
    return person


def _own(session: Session, person: Person) -> Session:
    return replace(session, id=new_id(), person_id=person.id)


def _bring(log: Log, person: Person, readings: Trace) -> None:
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOW, file_name="a", file_sha256="0" * 64, format="dexcom", counts={}
    )
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone=ZONE, device=None, at_s=readings.at_s, amount=readings.amount,
        censored=array("b", readings.censored),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="import", person_id=person.id, at=NOW) as writer:
        writer.add(batch)
        writer.add_blocks(person.id, batch.id, [block])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three people who agreed and one who did not."""
    file = tmp_path_factory.mktemp("clinic") / "log.db"
    with open_log(file, create=True) as log:
        for seed, name in enumerate(AGREED):
            fill(log, name, seed, consent=True)
        fill(log, DECLINED, 3, consent=False)
    return file


@pytest.fixture
def clinic(shell: Shell, filled: Path, tmp_path: Path) -> Shell:
    """Command lines on a copy of that log."""
    shutil.copy(filled, tmp_path / "log.db")
    return shell


def rows_of(file: Path) -> dict[str, dict[str, Any]]:
    import pyarrow.parquet as pq

    return {row["person"]: row for row in pq.read_table(file).to_pylist()}


def test_the_same_numbers_as_for_each_person_alone(clinic: Shell, tmp_path: Path) -> None:
    folder = str(tmp_path / "cohort")
    made = clinic("cohort", "export", folder, "--keep-dates", "--json")
    assert (made.document["people"], made.document["left_out"]) == (3, 1)
    for question, *chosen in (("stats",), ("effect",), ("lows",), ("effect", *FRICTION)):
        file = f"{question}{len(chosen)}.parquet"
        ran = clinic("cohort", question, folder, *chosen, "-o", str(tmp_path / file), "--json")
        assert ran.code == 0, ran.err
    alone = {name: clinic("stats", "--person", name, "--json").document for name in AGREED}
    effects = {name: clinic("effect", "--person", name, "--json").document for name in alone}
    frictions = {name: clinic("effect", *FRICTION, "--person", name, "--json").document for name in alone}
    reviews = {name: clinic("review", "--person", name, "--json").document for name in alone}
    name_of = {
        label: name
        for label, row in rows_of(tmp_path / "stats0.parquet").items()
        for name, own in alone.items()
        if own["mean_mg_dl"] == row["mean_mg_dl"]
    }
    assert sorted(name_of.values()) == list(AGREED)
    for label, row in rows_of(tmp_path / "stats0.parquet").items():
        own = {key: value for key, value in alone[name_of[label]].items() if key != "flags"}
        assert {key: row[key] for key in row.keys() & own.keys()} == {key: own[key] for key in row.keys() & own.keys()}
        assert row.keys() & own.keys() >= {"tir_70_180_percent", "mage_mg_dl", "gri", "modd_mg_dl", "n"}
        assert [row[f"hypo_{kind}"] for kind in ("level_1", "level_2", "extended")] == [
            own["episodes"][kind] for kind in ("level_1", "level_2", "extended")
        ]
    for file, singly in (("effect0.parquet", effects), (f"effect{len(FRICTION)}.parquet", frictions)):
        for label, row in rows_of(tmp_path / file).items():
            own = singly[name_of[label]]
            assert own["grade"] == "early"
            assert {key: plain_value(row[key]) for key in row.keys() & own.keys()} == {
                key: own[key] for key in row.keys() & own.keys()
            }
    assert all(0 < frictions[name]["n_sessions"] < effects[name]["n_sessions"] for name in alone)
    for label, row in rows_of(tmp_path / "lows0.parquet").items():
        assert row["lows"] == len(reviews[name_of[label]]["lows"])
    assert sum(row["lows"] for row in rows_of(tmp_path / "lows0.parquet").values()) > 0


def test_moved_dates_change_no_metric_and_show_no_person(clinic: Shell, tmp_path: Path) -> None:
    kept, moved = tmp_path / "kept", tmp_path / "moved"
    assert clinic("cohort", "export", str(kept), "--keep-dates").code == 0
    assert clinic("cohort", "export", str(moved)).code == 0
    true = {person.label: person for shard in read_cohort(kept).shards for person in read_people(kept / shard.name)}
    for person in (one for shard in read_cohort(moved).shards for one in read_people(moved / shard.name)):
        own = true[person.label]
        assert person.cgm is not None
        assert own.cgm is not None
        shift_s = person.cgm.local_s[0] - own.cgm.local_s[0]
        assert shift_s % (7 * 86_400) == 0
        assert shift_s != 0
        assert person.zone == "UTC"
        assert person_stats(person) == person_stats(own)
        assert person_lows(person) == person_lows(own)
        assert person_effect(person) == person_effect(own)
        assert [each.kind for each in person.activities[:2]] == ["exercise", "sauna"]
    written = b"".join(file.read_bytes() for file in moved.rglob("*.*") if file.is_file())
    for name in (*AGREED, DECLINED, ZONE, WALK):
        assert name.encode() not in written


def test_a_summer_on_moved_dates_is_the_same_summer(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_up, "START_S", 1_780_272_000)  # 1 June 2026
    with open_log(tmp_path / "log.db", create=True) as log:
        fill(log, "Ada", 3, consent=True)
    answers = []
    for name, *how in (("kept", "--keep-dates"), ("moved",)):
        assert shell("cohort", "export", str(tmp_path / name), *how).code == 0
        (person,) = read_people(tmp_path / name / "shard-00000")
        answers.append((person_stats(person), person_lows(person), person_effect(person)))
    assert answers[0] == answers[1]
    assert answers[0][1]["lows"]


def test_shards_are_for_their_owner_alone(clinic: Shell, tmp_path: Path) -> None:
    clinic("cohort", "export", str(tmp_path / "cohort"))
    clinic("cohort", "stats", str(tmp_path / "cohort"))
    files = [file for file in (tmp_path / "cohort").rglob("*") if file.is_file()]
    assert len(files) == 9
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_nobody_agreed_is_a_sentence(shell: Shell, tmp_path: Path) -> None:
    with open_log(tmp_path / "log.db", create=True) as log:
        fill(log, "Dora", 3, consent=False)
    ran = shell("cohort", "export", str(tmp_path / "cohort"))
    assert ran.code == 4
    assert "Nobody in this log agreed" in ran.err
    assert not (tmp_path / "cohort").exists()


def test_a_group_of_three_is_not_described(clinic: Shell, tmp_path: Path) -> None:
    clinic("cohort", "export", str(tmp_path / "cohort"))
    document = clinic("cohort", "stats", str(tmp_path / "cohort"), "--json").document
    assert document["people"] is None
    assert document["measures"] == []
    assert document["funnel"] == []
    assert "too few people" in document["notes"][0]


def test_a_failed_shard_ends_with_a_warning_and_its_name(shell: Shell, cohort: Cohort) -> None:
    (cohort.folder / "shard-00002" / "people.parquet").write_bytes(b"not parquet")
    ran = shell("cohort", "stats", str(cohort.folder), "--json")
    assert ran.code == 10
    assert [one["shard"] for one in ran.document["failed"]] == ["shard-00002"]


def test_results_as_csv_and_as_a_page_about_the_group(shell: Shell, tmp_path: Path) -> None:
    dozen = (shared_person(seed, with_sessions=False) for seed in range(12))
    cohort = write_cohort(tmp_path / "cohort", dozen, dates_shifted=True)
    table, page = tmp_path / "a.csv", tmp_path / "a.html"
    ran = shell("cohort", "stats", str(cohort.folder), "-o", str(table), "-o", str(page))
    assert ran.code == 0, ran.err
    lines = table.read_text().splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("person,source,n,")
    assert "Time in 70–180 mg/dL" in page.read_text()
    assert "0007" not in page.read_text().split("<script")[0]
    refused = shell("cohort", "stats", str(cohort.folder), "-o", "a.docx")
    assert refused.code == 2
    both = shell("cohort", "stats", str(cohort.folder), "--workers", "2", "--cluster", "tcp://127.0.0.1:1")
    assert both.code == 2
