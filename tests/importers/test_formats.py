"""What the golden files don't reach: mappings, sources that are guessed by rule, round trips, odd headers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from glucolog.core.codec import to_plain
from glucolog.core.exchange import LISTS, MARK, MARK_KEY, VERSION, VERSION_KEY
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Note, Reading, Record, Session
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.errors import AmbiguousError, RefusedError, UsageError
from glucolog.importers.base import Options
from glucolog.importers.registry import read
from hypothesis import given
from hypothesis import strategies as st

OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)
moments = st.builds(Moment, st.integers(0, OPTIONS.now_s), st.sampled_from(["UTC", "Europe/Berlin"]))
ids = st.uuids().map(str)
texts = st.text(st.characters(exclude_categories=["C"]), max_size=20)
records: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        Reading,
        id=ids,
        person_id=st.just("p"),
        at=moments,
        glucose=st.builds(Glucose, st.floats(20, 600), st.just(Unit.MG_DL), st.sampled_from([None, *Censored])),
        source=st.sampled_from(Source),
        note=texts,
    ),
    st.builds(
        Dose,
        id=ids,
        person_id=st.just("p"),
        at=moments,
        units=st.floats(0.05, 100),
        kind=st.sampled_from(InsulinKind),
        site=st.just(BodyArea("abdomen", Side.LEFT)),
    ),
    st.builds(Carbs, id=ids, person_id=st.just("p"), at=moments, grams=st.floats(1, 200)),
    st.builds(Note, id=ids, person_id=st.just("p"), at=moments, text=texts),
    st.builds(Session, id=ids, person_id=st.just("p"), start=moments, areas=st.just((BodyArea("foot", Side.BOTH),))),
)


def export(of: list[Record]) -> bytes:
    kinds = {Reading: "readings", Dose: "doses", Carbs: "carbs", Note: "notes", Session: "sessions"}
    lists: dict[str, list[object]] = {name: [] for name in LISTS}
    for record in of:
        lists[kinds[type(record)]].append(to_plain(record))
    return json.dumps({MARK_KEY: MARK, VERSION_KEY: VERSION, **lists}).encode()


@given(st.lists(records, min_size=1, max_size=8, unique_by=lambda record: record.id))
def test_our_own_export_comes_back_whole(of: list[Record]) -> None:
    imported = read(export(of), "log.json", OPTIONS)
    assert imported.problems == ()
    assert sorted(imported.records, key=lambda record: record.id) == sorted(of, key=lambda record: record.id)


def generic(rows: str, **changes: object) -> tuple[bytes, Options]:
    return rows.encode(), replace(OPTIONS, format="generic", **changes)  # type: ignore[arg-type]


def test_a_mapping_names_the_columns_of_any_csv() -> None:
    data, options = generic(
        "When,BG [mmol/L],Bolus,Carbs (g)\n2025-05-02 08:00,7.9,4,\n2025-05-02 12:00,8.1,,45\n",
        mapping={"when": "time", "BG [mmol/L]": "glucose", "Bolus": "insulin_units", "Carbs (g)": "carbs_g"},
    )
    imported = read(data, "x.csv", options)
    assert [(block.unit, list(block.amount)) for block in imported.blocks] == [(Unit.MMOL_L, [7.9, 8.1])]
    assert [dose.units for dose in imported.doses] == [4.0]
    assert [carbs.grams for carbs in imported.carbs] == [45.0]


def test_a_mapping_to_no_column_of_ours_is_named() -> None:
    data, options = generic("When,x\n", mapping={"When": "tiem"})
    with pytest.raises(UsageError, match="tiem"):
        read(data, "x.csv", options)


def test_a_glucose_column_without_a_unit_is_asked_for() -> None:
    rows = "time,glucose\n2025-05-02 08:00,27\n"
    with pytest.raises(RefusedError, match="names no unit"):
        read(*_named(rows))
    data, options = generic(rows, unit=Unit.MMOL_L)
    assert read(data, "x.csv", options).blocks[0].unit is Unit.MMOL_L


def _named(rows: str) -> tuple[bytes, str, Options]:
    data, options = generic(rows)
    return data, "x.csv", options


@pytest.mark.parametrize(
    ("step_min", "source"), [(5, Source.CGM), (15, Source.CGM), (16, Source.METER), (240, Source.METER)]
)
def test_without_a_source_the_spacing_tells_and_a_remark_says_so(step_min: int, source: Source) -> None:
    minutes = range(0, step_min * 5, step_min)
    rows = "".join(f"2025-05-02 {minute // 60:02}:{minute % 60:02},100\n" for minute in minutes)
    imported = read(*_named("time,glucose_mg_dl\n" + rows))
    assert {block.source for block in imported.blocks} == {source}
    assert [remark.line for remark in imported.remarks] == [None]


def test_date_and_time_may_stand_in_two_columns() -> None:
    imported = read(*_named("date,time,glucose_mg_dl,source\n02.05.2025,08:00,100,meter\n"))
    assert list(imported.blocks[0].at_s) == [1746165600]  # 2025-05-02 06:00 UTC


def test_ambiguous_dates_of_a_generic_file_are_asked_for_and_then_taken() -> None:
    rows = "time,glucose_mg_dl,source\n02/05/2025 08:00,100,meter\n"
    with pytest.raises(AmbiguousError):
        read(*_named(rows))
    data, options = generic(rows, day_first=False)
    assert list(read(data, "x.csv", options).blocks[0].at_s) == [1738738800]  # 2025-02-05 07:00 UTC


@pytest.mark.parametrize(
    ("document", "counts"),
    [
        ({"entries": [{"type": "sgv", "sgv": 121, "date": 1746172800000}], "treatments": []}, (1, 0)),
        ({"result": [{"type": "sgv", "sgv": 121, "date": 1746172800000, "utcOffset": 120}]}, (1, 0)),
        ([{"sgv": "121", "date": "1746172800000"}], (1, 0)),
        ([{"mbg": 121, "date": 1746172800000, "type": "mbg"}], (0, 1)),
        ([{"sgv": True, "date": 1746172800000, "type": "sgv"}], (0, 0)),
        ([{"sgv": 121, "date": 17461728000000000, "type": "sgv"}], (0, 0)),
    ],
)
def test_shapes_of_nightscout_json(document: object, counts: tuple[int, int]) -> None:
    imported = read(json.dumps(document).encode(), "entries.json", OPTIONS)
    assert (imported.counts["cgm"], imported.counts["meter"]) == counts
    assert sum(counts) + len(imported.problems) == 1


@pytest.mark.parametrize(
    ("fields", "doses"),
    [
        ({"enteredinsulin": 6, "splitNow": 50, "splitExt": 50, "insulin": 3, "duration": 120}, [(3, None), (3, 120)]),
        ({"enteredinsulin": "6", "splitNow": "40", "splitExt": "60", "duration": "90"}, [(2.4, None), (3.6, 90)]),
        ({"enteredinsulin": 2.5, "splitNow": 0, "splitExt": 100, "relative": 2.5, "duration": 60}, [(2.5, 60)]),
        ({"enteredinsulin": 0.1, "splitNow": 0, "splitExt": 100, "duration": 3, "isEmulatingTempBasal": True}, []),
        ({"insulin": 1.5, "type": "PRIMING"}, []),
        ({"insulin": 1.5, "duration": 0}, [(1.5, None)]),
    ],
)
def test_what_nightscout_gives_over_time_is_insulin_too(
    fields: dict[str, object], doses: list[tuple[float, float | None]]
) -> None:
    """A pump's extended bolus has no `insulin` at all: the part over time would be missing from what is on board."""
    treatment = {"eventType": "Combo Bolus", "created_at": "2025-05-01T10:00:00Z", **fields}
    others = {"eventType": "Note", "created_at": "2025-05-01T10:00:00Z", "notes": "x"}
    imported = read(json.dumps([treatment, others]).encode(), "t.json", OPTIONS)
    assert [(dose.units, dose.duration_min) for dose in imported.doses] == doses
    assert imported.problems == ()


def test_nightscout_csv_may_have_a_header() -> None:
    row = '"2025-05-02T08:00:00.000Z",1746172800000,121,"Flat","x"\n'
    assert read(("dateString,date,sgv,direction,device\n" + row).encode(), "entries.csv", OPTIONS).counts["cgm"] == 1


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("Massage 25 min", 25.0), ("Fußmassage", None), ("masaje de pies, 10min", 10.0), ("massaggio", None)],
)
def test_a_note_of_a_massage_is_offered_with_the_length_it_names(text: str, minutes: float | None) -> None:
    document = [{"eventType": "Note", "created_at": "2025-05-02T10:00:00Z", "notes": text, "_id": "1"}]
    imported = read(json.dumps(document).encode(), "treatments.json", OPTIONS)
    assert [(offered.text, offered.minutes) for offered in imported.offered_sessions] == [(text, minutes)]
    assert [note.text for note in imported.notes] == [text]


def test_a_massive_dinner_is_no_massage() -> None:
    document = [{"eventType": "Note", "created_at": "2025-05-02T10:00:00Z", "notes": "a massive dinner"}]
    assert read(json.dumps(document).encode(), "treatments.json", OPTIONS).offered_sessions == ()


def test_newest_first_and_oldest_first_are_the_same_readings() -> None:
    header = "time,glucose_mg_dl,source\n"
    rows = [
        f"2024-10-27 {clock},{100 + i},cgm\n" for i, clock in enumerate(["01:50", "02:30", "02:00", "02:30", "03:00"])
    ]
    up, down = (read(*_named(header + "".join(order))) for order in (rows, rows[::-1]))
    pairs = [sorted(zip(found.blocks[0].at_s, found.blocks[0].amount, strict=True)) for found in (up, down)]
    assert pairs[0] == pairs[1]


CARELINK_HEADERS = {
    "de": "Index;Datum;Zeit;Neue Gerätezeit;BZ-Messwert (mg/dL);Bolustyp;Abgegebenes Bolusvolumen (IE);"
    "BolusExpert: KH-Eingabe (Gramm);Sensorglukose (mg/dL);ISIG-Wert;Ereignismarkierung",
    "fr": "Index;Date;Heure;Nouvelle heure;Glycémie (mg/dL);Type de bolus;Volume de bolus délivré (U);"
    "Saisie de glucides (grammes);Glucose du capteur (mg/dL);Valeur ISIG;Marqueur d'événement",
    "es": "Índice;Fecha;Hora;Nueva hora;Lectura de GS (mg/dL);Tipo de bolo;Volumen de bolo entregado (U);"
    "Entrada de carbohidratos (gramos);Glucosa del sensor (mg/dL);Valor ISIG;Marcador de eventos",
    "it": "Indice;Data;Ora;Nuova ora;Lettura glicemia (mg/dL);Tipo di bolo;Volume bolo erogato (U);"
    "Immissione carboidrati (grammi);Glucosio del sensore (mg/dL);Valore ISIG;Marcatore evento",
    "nl": "Index;Datum;Tijd;Nieuwe tijd;BG-waarde (mg/dL);Bolustype;Toegediend bolusvolume (E);"
    "Invoer koolhydraten (gram);Sensorglucose (mg/dL);ISIG-waarde;Gebeurtenismarkering",
}


@pytest.mark.parametrize("language", CARELINK_HEADERS)
def test_carelink_columns_are_found_in_every_language(language: str) -> None:
    """The row holds one of each; a column that is not found would leave its count at zero."""
    lines = (
        "-------;Guardian Connect;Pump;X;-------",
        CARELINK_HEADERS[language],
        "0;2025/05/02;08:00:00;;101;Normal;2,5;40;121;20;",
    )
    counts = read("\n".join(lines).encode(), "export.csv", OPTIONS).counts
    assert {name: counts[name] for name in ("cgm", "meter", "insulin", "carbs")} == {
        "cgm": 1, "meter": 1, "insulin": 1, "carbs": 1,
    }  # fmt: skip


LIBREVIEW_GLUCOSE_HEADERS = {
    "fr": ("Historique de la glycémie mg/dL", "Numérisation de la glycémie mg/dL", "Glycémie par électrode mg/dL"),
    "es": ("Histórico de glucosa mg/dL", "Escanear glucosa mg/dL", "Glucosa de la tira reactiva mg/dL"),
    "da": ("Historisk glukose mmol/L", "Scan glukose mmol/L", "Strimmelglukose mmol/L"),
    "lower case": ("Historic Glucose mmol/l", "Scan Glucose mmol/l", "Strip Glucose mmol/l"),
}


@pytest.mark.parametrize("language", LIBREVIEW_GLUCOSE_HEADERS)
def test_libreview_columns_are_found_in_every_language(language: str) -> None:
    historic, scan, strip = LIBREVIEW_GLUCOSE_HEADERS[language]
    header = ["a", "b", "c", "d", historic, scan, *"efghijkl", strip, "Ketone mmol/L", *"mno"]
    value = "121" if "mg" in historic else '"6,7"'
    rows = [
        ",".join(["Libre", "S", "20-05-2025 08:00", "0", value]),
        ",".join(["Libre", "S", "20-05-2025 08:01", "2", *[""] * 10, value]),
    ]
    imported = read("\n".join(["title", ",".join(header), *rows]).encode(), "export.csv", OPTIONS)
    assert (imported.counts["cgm"], imported.counts["meter"], imported.problems) == (1, 1, ())


@pytest.mark.parametrize(
    ("stamp", "duration"),
    [
        ("Marca temporal (AAAA-MM-DDThh:mm:ss)", "Duración (hh:mm:ss)"),
        ("Tijdstempel (JJJJ-MM-DDTuu:mm:ss)", "Duur (uu:mm:ss)"),
        ("Tidsstempel (ÅÅÅÅ-MM-DDTtt:mm:ss)", "Varighed (tt:mm:ss)"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_clarity_is_known_by_its_patterns_in_every_language(stamp: str, duration: str, delimiter: str) -> None:
    header = ["#", stamp, *"cdefg", "Glucosa (mg/dL)", "i", "j", duration, "Tasa (mg/dL/min)", "m", "n"]
    row = ["1", "2025-05-02T08:00:00", "Niveles estimados de glucosa", "", "", "", "R", "121", *[""] * 6]
    imported = read(f"{delimiter.join(header)}\n{delimiter.join(row)}\n".encode(), "export.csv", OPTIONS)
    assert (imported.format, imported.counts["cgm"]) == ("dexcom-clarity", 1)


CLARITY_WORDS = {
    "cs": ("Nízká", "Vysoká", "Rychle působící", "Dlouhodobě působící"),
    "fi": ("Matala", "Korkea", "Nopeavaikutteinen", "Pitkävaikutteinen"),
    "hu": ("Alacsony", "Magas", "Gyorshatású", "Hosszú hatású"),
    "pl": ("Niska", "Wysoka", "Szybko działająca", "Długo działająca"),
    "pt": ("Baixo", "Alto", "Ação rápida", "Ação prolongada"),
    "ru": ("Низкий", "Высокий", "Быстрого действия", "Длительного действия"),
    "sv": ("Låg", "Hög", "Snabbverkande", "Långverkande"),
    "tr": ("Düşük", "Yüksek", "Hızlı Etkili", "Uzun Etkili"),
}


@pytest.mark.parametrize("language", CLARITY_WORDS)
def test_clarity_words_for_low_high_and_insulin_are_known_in_every_language(language: str) -> None:
    low, high, rapid, long = CLARITY_WORDS[language]
    header = ["#", "T (YYYY-MM-DDThh:mm:ss)", *"cdefg", "Glucose (mg/dL)", "i", "j", "D (hh:mm:ss)", *"lmn"]
    rows = [
        f"1,2025-05-02T08:00:00,EGV,,,,R,{low},,,,,,",
        f"2,2025-05-02T08:05:00,EGV,,,,R,{high},,,,,,",
        f"3,2025-05-02T08:10:00,Insulin,{rapid},,,R,,4,,,,,",
        f"4,2025-05-02T08:15:00,Insulin,{long},,,R,,18,,,,,",
    ]
    imported = read("\n".join([",".join(header), *rows]).encode(), "export.csv", OPTIONS)
    assert list(imported.blocks[0].censored) == [-1, 1]
    assert [dose.kind.value for dose in imported.doses] == ["rapid", "long"]


def test_bread_units_of_a_german_pump_are_twelve_grams() -> None:
    """CareLink calls them calculation units; taken for grams, a meal of 60 g would be one of 5 g."""
    header = "Index,Datum,Zeit,Neue Gerätezeit,BolusExpert: KH-Eingabe (Ber.einheiten),Sensorglukose (mg/dl),ISIG-Wert"
    imported = read(f'{header}\n1,24.02.13,02:21:47,,"4,5",,\n'.encode(), "export.csv", OPTIONS)
    assert [meal.grams for meal in imported.carbs] == [54]


CUT = """Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,\
Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Rate,Transmitter Time,Transmitter ID
1,2025-05-01T08:00:00,EGV,,,,D,110,,,,,1,T
2,2025-05-01T08:05:00,EGV,,,,D,112,,,,,2,T
3,2025-05-01T08:10:00,EGV,,,,D,"""


@pytest.mark.parametrize("rest", ["", "25", "250", "250,,,"])
def test_the_row_that_a_file_breaks_off_in_is_no_reading(rest: str) -> None:
    """Of 250 a cut leaves 25: a reading that never was, and in conflict with the true one later."""
    imported = read((CUT + rest).encode(), "clarity.csv", OPTIONS)
    assert [list(block.amount) for block in imported.blocks] == [[110, 112]]
    assert [problem.line for problem in imported.problems] == [4]
    assert "breaks off" in imported.problems[0].reason


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_whole_last_row_counts_with_and_without_a_line_end(end: str) -> None:
    imported = read(f"{CUT}250,,,,,3,T{end}".encode(), "clarity.csv", OPTIONS)
    assert imported.counts["cgm"] == 3
    assert imported.problems == ()


def test_rows_that_are_all_short_are_not_cut_off() -> None:
    text = "time,glucose_mg_dl,source,note\n2025-05-01 08:00,110,cgm\n2025-05-01 08:05,112,cgm"
    assert read(text.encode(), "diary.csv", OPTIONS).counts["cgm"] == 2


def test_clarity_s_hour_that_came_twice_is_told_by_the_transmitter() -> None:
    """Sorted by the local clock, seconds drifting: only the transmitter's own count tells the two showings apart."""
    begin = datetime(2025, 10, 25, 23, 33, 30, tzinfo=UTC)
    instants = [begin + timedelta(minutes=5 * step, seconds=step % 3) for step in range(36)]
    zone = ZoneInfo(OPTIONS.zone)
    stamped = sorted((f"{one.astimezone(zone):%Y-%m-%dT%H:%M:%S}", int(one.timestamp())) for one in instants)
    columns = (
        "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,"
        "Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),"
        "Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID"
    )
    rows = [
        f"{n},{stamp},EGV,,,,iOS G7,{100 + at_s % 97},,,,,{at_s - 1_761_000_000},109300000000"
        for n, (stamp, at_s) in enumerate(stamped, start=1)
    ]
    imported = read("\n".join([columns, *rows, ""]).encode(), "x.csv", OPTIONS)
    (block,) = imported.blocks
    found = sorted(zip(block.at_s, block.amount, strict=True))
    assert found == [(at_s, 100 + at_s % 97) for at_s in (int(one.timestamp()) for one in instants)]
    assert imported.remarks == ()
