"""Whatever the bytes: records, problems or a named error, never anything else; and laws that hold for every format."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from glucolog.importers.base import Confidence, Imported
from glucolog.importers.registry import FORMATS, importer, read, sniff
from glucolog.importers.source import Head, SourceFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.importers.fuzz import OPTIONS, attempt, check, corpus, samples

IN_UTC = replace(OPTIONS, zone="UTC")
SAMPLES, CORPUS = samples(), corpus()
TEXT_FORMS = sorted(SAMPLES)

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sample file with a few cuts, flips, insertions, repeats and shuffled lines."""
    name = draw(st.sampled_from(TEXT_FORMS))
    data = bytearray(SAMPLES[name])
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        piece = draw(st.one_of(st.binary(max_size=8), st.sampled_from(SPLINTERS)))
        data[start:end] = draw(
            st.sampled_from([b"", piece, bytes(data[start:end]) * 2, piece + bytes(data[start:end])])
        )
    if draw(st.booleans()):
        return name, bytes(data)
    return name, b"\n".join(draw(st.permutations(bytes(data).split(b"\n")[:40])))


SPLINTERS = [
    b'"',
    b",",
    b";",
    b"\n",
    b"\t",
    b"-1",
    b"1e9",
    b"1" + b"0" * 400,
    b"NaN",
    b"null",
    b"[",
    b"{",
    b"\r",
    b"\xff\xfe",
    b"\0",
    b"LO",
    b"\\u0000",
    b"\\ud800",
]


@QUICK
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_as_any_format(data: bytes, name: str) -> None:
    check(data, "x.csv", replace(OPTIONS, format=name))


@QUICK
@given(mutations())
def test_any_mutation_of_a_sample(mutated: tuple[str, bytes]) -> None:
    name, data = mutated
    check(data, name, OPTIONS)


@QUICK
@given(mutations(), st.sampled_from(sorted(FORMATS)))
def test_any_mutation_read_as_any_format(mutated: tuple[str, bytes], wrong: str) -> None:
    name, data = mutated
    check(data, name, replace(OPTIONS, format=wrong))


@pytest.mark.parametrize("name", CORPUS)
def test_what_a_search_has_kept(name: str) -> None:
    """Inputs found by `tests.importers.fuzz`: those that broke something once, and those that reach far."""
    attempt(name, CORPUS[name])


NUMBERS = (b"1" + b"0" * 400, b"-1" + b"0" * 400, b"1e400", b"1e300", b"-0.0", b"9223372036854775808", b"null", b"true")
_WRITTEN = re.compile(rb"(?<![\w.])-?[0-9]+(?:\.[0-9]+)?(?![\w.])")


@pytest.mark.parametrize("name", [name for name in (*SAMPLES, *CORPUS) if name.endswith((".json", ".xml", ".tables"))])
def test_a_number_may_be_of_any_length(name: str) -> None:
    """JSON and XML name no limit; a whole number longer than a float is one that no float can be made of."""
    data = SAMPLES.get(name) or CORPUS[name]
    for written, number in product(list(_WRITTEN.finditer(data))[:25], NUMBERS):
        attempt(name, data[: written.start()] + number + data[written.end() :])


@pytest.mark.slow
@LONG
@given(mutations())
def test_many_mutations(mutated: tuple[str, bytes]) -> None:
    name, data = mutated
    check(data, name, OPTIONS)


@QUICK
@given(st.one_of(st.binary(max_size=300), mutations().map(lambda mutated: mutated[1])))
def test_sniffing_never_raises(data: bytes) -> None:
    head = Head(SourceFile("x.csv", None, data), data)
    assert all(importer(format_name).sniff(head) in Confidence for format_name in FORMATS)


@pytest.mark.parametrize("name", TEXT_FORMS)
@given(share=st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_a_file_cut_off_in_the_middle_gives_a_beginning(name: str, share: float) -> None:
    """No reading of a cut file is one that the whole file doesn't have, but for the number it was cut in.

    In UTC: where clocks change, the rows that are missing may have told one hour from the other.
    """
    data = SAMPLES[name]
    whole = check(data, name, IN_UTC)
    cut = check(data[: int(len(data) * share)], name, IN_UTC)
    assert whole is not None
    if cut is not None:
        assert cut.format == whole.format
        for kind, count in cut.counts.items():
            assert count <= whole.counts[kind] + 1
        late = [reading for reading in readings(cut) if reading not in readings(whole)]
        assert len(late) <= 1


def readings(imported: Imported) -> set[tuple[object, ...]]:
    return {
        (block.source, block.unit, at_s, amount)
        for block in imported.blocks
        for at_s, amount in zip(block.at_s, block.amount, strict=True)
    }


@pytest.mark.parametrize("name", TEXT_FORMS)
def test_reading_a_file_twice_gives_the_same(name: str) -> None:
    assert read(SAMPLES[name], name, OPTIONS) == read(SAMPLES[name], name, OPTIONS)


@pytest.mark.parametrize("name", TEXT_FORMS)
def test_every_sample_is_sniffed_without_its_name(name: str) -> None:
    assert sniff(SAMPLES[name], "download") == sniff(SAMPLES[name], name)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_the_table_of_formats_agrees_with_the_modules(format_name: str) -> None:
    module = importer(format_name)
    assert (format_name, FORMATS[format_name].label) == (module.NAME, module.LABEL)
    assert module.__doc__
