"""Glooko: the whole zip, in the layouts and languages it is written in."""

from __future__ import annotations

import io
import zipfile

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source
from glucolog.errors import AmbiguousError, GlucologError, RefusedError
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read, sniff
from hypothesis import given, settings
from hypothesis import strategies as st

OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)
TITLE = "Name:Nobody,Date Range:2025-05-01 - 2025-05-02\n"


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def readings(imported: Imported, source: Source) -> list[tuple[int, float]]:
    blocks = [block for block in imported.blocks if block.source is source]
    return [pair for block in blocks for pair in zip(block.at_s, block.amount, strict=True)]


@pytest.fixture
def english(options: Options) -> Imported:
    """Every kind of member once, in Berlin; 08:00 on 1 May 2025 is 1746079200."""
    return read(
        zipped({
            "cgm_data_1.csv": TITLE + "Timestamp,CGM Glucose Value (mg/dl),Serial Number\n"
            "2025-05-01 08:00,101,S\n2025-05-01 08:05,1,S\n2025-05-01 08:10,2001,S\n",
            "cgm_data_2.csv": TITLE + "Timestamp,CGM Glucose Value (mg/dl),Serial Number\n"
            "2025-05-01 08:00,101,S\n2025-05-01 08:15,103,S\n",
            "bg_data_1.csv": TITLE + "Timestamp,Glucose Value (mg/dl),Manual Reading,Serial Number\n"
            "2025-05-01 08:01,99,,M\n",
            "Insulin data/bolus_data_1.csv": TITLE
            + "Timestamp,Insulin Type,Blood Glucose Input (mg/dl),Carbs Input (g),Carbs Ratio,Insulin Delivered (U),"
            "Initial Delivery (U),Extended Delivery (U),Serial Number\n"
            "2025-05-01 12:00,Combination,140,60,10,6.5,4.0,2.5,P\n2025-05-01 13:00,Normal,0,0,10,0.0,,,P\n",
            "Insulin data/basal_data_1.csv": TITLE
            + "Timestamp,Insulin Type,Duration (minutes),Percentage (%),Rate,Insulin Delivered (U),Serial Number\n"
            "2025-05-01 00:00,Scheduled,60,,0.8,0.8,P\n",
            "Insulin data/insulin_data_1.csv": TITLE
            + "Timestamp,Total Bolus (U),Total Insulin (U),Total Basal (U),Serial Number\n"
            "2025-05-01 00:00,6.5,26,19.5,P\n",
            "Manual data/manual_insulin_data_1.csv": TITLE
            + "Timestamp,Name,Value,Insulin Type\n2025-05-01 22:00,Lantus,14,Long-acting\n2025-05-01 09:00,,3,Bolus\n",
            "Manual data/carbs_data_1.csv": TITLE + "Timestamp,Carbs (g)\n2025-05-01 12:00,60\n2025-05-01 16:00,20\n",
            "Manual data/food_data_1.csv": TITLE
            + "Timestamp,Name,Carbs (g),Fat (g)\n2025-05-01 18:00,Soup,25,3\n",
            "Manual data/exercise_data_1.csv": TITLE
            + "Timestamp,Name,Intensity,Duration (minutes),Calories Burned\n"
            "2025-05-01 17:00,Cycling,Medium,30,200\n2025-05-01 20:00,Massage,Low,25,\n",
            "Manual data/notes_data_1.csv": TITLE + "Timestamp,Value\n2025-05-01 21:00,Fußmassage links\n",
            "Manual data/medication_data_1.csv": TITLE
            + "Timestamp,Name,Value,Medication Type\n2025-05-01 07:00,Metformin,500,Pill\n",
            "alarms_data_1.csv": TITLE + "Timestamp,Alarm/Event,Serial Number\n2025-05-01 03:00,Low,S\n",
            "__MACOSX/._cgm_data_1.csv": "x",
            ".DS_Store": "x",
            "readme.txt": "x",
        }),
        "export.zip",
        options,
    )  # fmt: skip


def test_overlapping_parts_count_once(english: Imported) -> None:
    start = 1_746_079_200
    assert readings(english, Source.CGM) == [(start, 101), (start + 300, 40), (start + 600, 400), (start + 900, 103)]
    assert readings(english, Source.METER) == [(start + 60, 99)]


def test_the_codes_1_and_2001_are_beyond_the_range(english: Imported) -> None:
    (sensor,) = (block for block in english.blocks if block.source is Source.CGM)
    assert list(sensor.censored) == [0, -1, 1, 0]


def test_a_bolus_counts_once_and_a_total_or_rate_never(english: Imported) -> None:
    doses = sorted((dose.at_s - 1_746_079_200, dose.units, dose.kind, dose.by_pump) for dose in english.doses)
    hour = 3600
    assert doses == [
        (hour, 3.0, InsulinKind.RAPID, False),
        (4 * hour, 6.5, InsulinKind.RAPID, True),
        (14 * hour, 14.0, InsulinKind.LONG, False),
    ]


def test_carbs_of_a_bolus_and_of_the_carbs_file_count_once(english: Imported) -> None:
    assert [(carbs.grams, carbs.note) for carbs in english.carbs] == [(60, None), (20, None), (25, "Soup")]


def test_massage_in_exercise_or_notes_is_offered(english: Imported) -> None:
    assert [(offer.text, offer.minutes) for offer in english.offered_sessions] == [
        ("Massage", 25),
        ("Fußmassage links", None),
    ]
    assert [(activity.kind, activity.minutes) for activity in english.activities] == [("Cycling", 30)]


def test_nothing_is_left_out_in_silence(english: Imported) -> None:
    assert english.problems == ()
    assert english.skipped == {
        "other files": 1,
        "repeated rows": 2,
        "doses of zero": 1,
        "basal rates": 1,
        "daily totals": 1,
        "medication": 1,
        "alarms": 1,
    }


@pytest.mark.parametrize(
    ("title", "header", "row"),
    [
        ("Name:N,Datumsbereich:01.05.2025 - 02.05.2025", "Zeitstempel,CGM-Glukosewert (mg/dl),Seriennummer", '"110,0"'),
        ("Name:N,Datumbereik:01-05-2025 - 14-05-2025", "Tijdstempel,CGM-glucosewaarde (mg/dl),Serienummer", '"110,0"'),
        ("Name:N\tDate Range:5/1/2025 - 5/31/2025", "Timestamp\tGlucose Value (mg/dL)\tTransmitter ID", "110"),
    ],
    ids=["de", "nl", "tabs"],
)
def test_languages_and_delimiters(title: str, header: str, row: str, options: Options) -> None:
    joint = "\t" if "\t" in header else ","
    stamp = {"Z": "01.05.2025 08:00", "T": "01-05-2025 08:00"}[header[0]] if joint == "," else "5/1/2025 8:00"
    text = f"\ufeff{title}\n{header}\n{joint.join((stamp, row, 'S'))}\n"
    data = zipped({"cgm_data_1.csv": text, "bg_data_1.csv": f"{title}\n{header}\n"})
    assert sniff(data, "x.zip") == "glooko"
    assert readings(read(data, "x.zip", options), Source.CGM) == [(1_746_079_200, 110.0)]


def test_the_order_of_day_and_month_is_settled_over_all_members(options: Options) -> None:
    """05/02 reads both ways in one member; 13/05 in the other settles it."""
    header = "Timestamp,CGM Glucose Value (mg/dl)\n"
    doubtful = {"cgm_data_1.csv": f"Name:N,Date Range:x\n{header}05/02/2025 08:00,110\n"}
    settling = {"cgm_data_2.csv": f"Name:N,Date Range:x\n{header}13/05/2025 08:00,111\n"}
    (first, _) = readings(read(zipped(doubtful | settling), "x.zip", options), Source.CGM)
    assert first == (1_738_738_800, 110.0)  # 5 February 2025 08:00 in Berlin
    with pytest.raises(AmbiguousError, match="day first or month first"):
        read(zipped(doubtful | {"x.txt": ""}), "x.zip", options)


def test_a_zip_with_a_file_of_notes_is_not_glookos(options: Options) -> None:
    with pytest.raises(RefusedError, match="no format that glucolog knows"):
        sniff(zipped({"notes.csv": "a,b\n1,2\n", "food.csv": "a,b\n1,2\n"}), "x.zip")


def test_a_problem_names_its_member(options: Options) -> None:
    text = TITLE + "Timestamp,CGM Glucose Value (mg/dl)\n2025-05-01 08:00,abc\n"
    (problem,) = read(zipped({"cgm_data_1.csv": text, "x.txt": ""}), "x.zip", options).problems
    assert problem == (3, "cgm_data_1.csv: “abc” is not a glucose value.")


def test_a_member_that_says_nothing_of_its_kind_is_refused(options: Options) -> None:
    with pytest.raises(RefusedError, match="which of Glooko's files"):
        read((TITLE + "Timestamp,Dose\n2025-05-01 08:00,4\n").encode(), "renamed.csv", options)


def test_a_ratio_of_carbs_is_no_carbs(options: Options) -> None:
    header = "Zeitstempel,Verhältnis Kohlenhydrate,Kohlenhydrate (g),Abgegebenes Insulin (E)"
    text = f'Name:N,Datumsbereich:x\n{header}\n01.05.2025 08:00,10,45,"4,5"\n'
    imported = read(zipped({"bolus_data_1.csv": text, "x.txt": ""}), "x.zip", options)
    assert [carbs.grams for carbs in imported.carbs] == [45]
    assert [dose.units for dose in imported.doses] == [4.5]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_damaged_zip_is_read_or_refused(data: st.DataObject) -> None:
    text = TITLE + "Timestamp,CGM Glucose Value (mg/dl)\n" + "2025-05-01 08:00,110\n" * 20
    whole = bytearray(zipped({"cgm_data_1.csv": text, "notes_data_1.csv": text}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    for name in (None, "glooko"):
        try:
            imported = read(bytes(whole), "x.zip", Options(zone="UTC", now_s=OPTIONS.now_s, format=name))
        except GlucologError as error:
            assert error.remedy  # noqa: PT017 - both ends are right
        else:
            assert imported.counts["cgm"] <= 1


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("Nom:N,Plage de dates:01/03/2025 - 14/03/2025", "Horodatage,Valeur de glycémie (mg/dL),Numéro de série"),
        ("Nombre:N,Intervalo de fechas:01/03/2025 - 14/03/2025", "Marca de tiempo,Valor de glucosa (mg/dL),Serie"),
    ],
)
def test_a_single_file_is_known_by_its_name_in_any_language(title: str, header: str, options: Options) -> None:
    text = f"{title}\n{header}\n13/03/2025 08:00,110,S\n"
    imported = read(zipped({"cgm_data_1.csv": text}), "export.zip", options)
    assert (imported.format, imported.counts["cgm"]) == ("glooko", 1)


def test_carbs_of_several_members_at_one_instant_count_once(options: Options) -> None:
    """Two foods of a meal are both carbs; what pump and sensor heard of the same meal is no more of them."""
    title = "Name:Niemand,Datumsbereich:01.05.2025 - 02.05.2025\n"
    imported = read(
        zipped({
            "Tagebuch/cgm_carbs_data_1.csv": title
            + 'Zeitstempel,KH (g)\n01.05.2025 08:00,45\n01.05.2025 09:00,"12,5"\n',
            "Tagebuch/food_data_1.csv": title
            + "Zeitstempel,Name,KH (g),Fett (g),Eiweiß (g),Kalorien,Portionen,Anzahl der Portionen\n"
            "01.05.2025 08:00,Haferflocken,35,7,8,230,Schale,1\n01.05.2025 08:00,Hafermilch,10,2,1,60,Glas,1\n"
            "01.05.2025 10:00,Apfel,15,0,0,60,Stück,1\n01.05.2025 10:00,Birne,15,0,0,60,Stück,1\n",
            "Tagebuch/food_data_2.csv": title
            + "Zeitstempel,Name,KH (g),Fett (g),Eiweiß (g),Kalorien,Portionen,Anzahl der Portionen\n"
            "01.05.2025 10:00,Birne,15,0,0,60,Stück,1\n",
            "Insulin-Daten/bolus_data_1.csv": title
            + "Zeitstempel,Insulin-Typ,Blutzuckereingabe (mg/dl),Kohlenhydrataufnahme (g),Kohlenhydratverhältnis,"
            "Abgegebenes Insulin (E),Anfängliche Abgabe (E),Verzögerte Abgabe (E),Seriennummer\n"
            '01.05.2025 11:00,Normal,0,20,10,"2,0","2,0",0,S\n',
            "Tagebuch/carbs_data_1.csv": title + "Zeitstempel,KH (g)\n01.05.2025 11:00,20\n",
        }),
        "export.zip",
        options,
    )  # fmt: skip
    assert sorted(meal.grams for meal in imported.carbs) == [10, 12.5, 15, 15, 20, 35]
    assert imported.skipped == {"repeated rows": 3}
    assert imported.problems == ()
