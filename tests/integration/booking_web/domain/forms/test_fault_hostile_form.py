# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form that was made to hurt is refused or harmless, within limits, and hurts no other."""

import resource
from collections.abc import Iterator

import pytest

from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.errors import EngineUnavailable, FormRefusal, FormRefused
from booking_web.domain.forms.once import CPU_SECONDS
from booking_web.domain.forms.reader import FormRead, FormReader
from tests.factories import hostile_forms, pdf_forms
from tests.factories.forms_read import draft_of, read_form

# Of processor time, not of the clock: the machine of the tests may be busy.
SOON_SECONDS = CPU_SECONDS + 4.0


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks() -> None:
    """Have each process started, as on a machine: its limits are what is tried here."""


@pytest.fixture(scope="module")
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


def cpu_seconds_of_children() -> float:
    """Give the processor time of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    "made, reasons",
    [
        (hostile_forms.bomb, {FormRefusal.ENDLESS}),
        (hostile_forms.huge_picture, {FormRefusal.ENDLESS}),
        (hostile_forms.endless_drawing, {FormRefusal.ENDLESS}),
        (hostile_forms.endless_pages, {FormRefusal.DAMAGED}),
    ],
)
def test_it_is_refused_within_seconds(made, reasons) -> None:
    content = made()
    assert len(content) < 3_000_000
    before = cpu_seconds_of_children()
    with pytest.raises(FormRefused) as refused:
        read_form(content)
    assert refused.value.reason in reasons
    assert cpu_seconds_of_children() - before < SOON_SECONDS


@pytest.mark.parametrize(
    "made", [hostile_forms.endless_parents, hostile_forms.deep_nesting]
)
def test_what_is_nested_without_end_is_refused_or_cut(made) -> None:
    before = cpu_seconds_of_children()
    try:
        fields = read_form(made()).description.fields
        assert all(len(each.key) <= 200 for each in fields)
    except FormRefused as refused:
        assert refused.reason in (FormRefusal.DAMAGED, FormRefusal.ENDLESS)
    assert cpu_seconds_of_children() - before < SOON_SECONDS


def test_a_field_of_endless_size_ends_with_its_page(engine) -> None:
    form = read_form(hostile_forms.infinite_place())
    places = {each.key: each.places[0].rectangle for each in form.description.fields}
    assert set(places) == {"immense", "nom"}
    assert (places["immense"].width, places["immense"].height) == (595, 842)
    shown = engine.show(draft_of(form, {"immense": "x"}), "immense")
    assert shown.png.startswith(b"\x89PNG")


def test_values_of_any_type_are_read_and_drawn(engine) -> None:
    form = read_form(hostile_forms.odd_values())
    keys = [each.key for each in form.description.fields]
    assert keys == ["nom", "prénom"]
    for key in keys:
        assert engine.show(draft_of(form, {key: "Éloïse"}), key).remarks == ()
    assert FormReader().finish(form.pdf, form.description, {"nom": "x"}).remarks == {}


def test_programs_are_never_run_and_never_kept() -> None:
    form = pdf_forms.request_for_a_home()
    pdf_forms.with_programs(form)
    content = form.saved(compress_streams=False)
    assert b"alert" in content
    assert b"alert" not in read_form(content).pdf


def unread(content: bytes) -> FormRead:
    """Give a form that nobody looked at, as if the reading had let it pass."""
    home = read_form(pdf_forms.request_for_a_home().saved())
    return FormRead(home.description, content)


def test_a_draft_that_kills_the_engine_leaves_the_others_drawn(engine) -> None:
    good = read_form(pdf_forms.request_for_a_home().saved())
    before = engine.show(draft_of(good, {"nom": "Éloïse"}), "nom")
    with pytest.raises(EngineUnavailable):
        engine.show(draft_of(unread(hostile_forms.endless_drawing()), {}), "nom")
    assert engine.show(draft_of(good, {"nom": "Éloïse"}), "nom") == before


def test_a_draft_that_is_no_pdf_leaves_the_engine_running(engine) -> None:
    good = read_form(pdf_forms.request_for_a_home().saved())
    engine.show(draft_of(good, {}), "nom")
    pid = engine.pid
    with pytest.raises(EngineUnavailable):
        engine.show(draft_of(unread(b"%PDF-1.7 no more"), {}), "nom")
    assert engine.show(draft_of(good, {"nom": "x"}), "nom").page == 1
    assert engine.pid == pid
