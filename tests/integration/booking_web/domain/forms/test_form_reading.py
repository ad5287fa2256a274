# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a PDF's own form asks, as a person would fill it in; and what is no form."""

import io

import pikepdf
import pytest

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    LabelSource,
    Notice,
    Option,
    Rectangle,
)
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.reader import FormRead, FormReader
from tests.factories import pdf_forms
from tests.factories.pdf_forms import PdfForm, request_for_a_home

ENCRYPTED = pikepdf.Encryption(owner="owner", user="user")
# Everybody may open it, and its author alone change it.
READABLE = pikepdf.Encryption(owner="owner", user="")


def read(content: bytes, limits: Limits = Limits()) -> FormRead:
    with memory_file("test", content) as file:
        return FormReader().read(file, limits)


def fields_of(form: PdfForm) -> dict[str, Field]:
    return {each.key: each for each in read(form.saved()).description.fields}


@pytest.fixture(scope="module")
def home() -> FormDescription:
    return read(request_for_a_home().saved()).description


def test_fields_come_in_the_order_in_which_a_person_reads(home) -> None:
    assert [(each.key, each.kind) for each in home.fields] == [
        ("reference", FieldKind.TEXT),
        ("nom", FieldKind.TEXT),
        ("txtPrenom", FieldKind.TEXT),
        ("cp", FieldKind.COMB),
        ("dateNaissance", FieldKind.DATE),
        ("demande", FieldKind.MULTILINE),
        ("sexe", FieldKind.RADIO),
        ("accord", FieldKind.BOX),
        ("commune", FieldKind.CHOICE),
        ("signature", FieldKind.SIGNATURE),
    ]


def test_a_label_is_the_tooltip_or_what_is_printed_beside(home) -> None:
    labels = {each.key: (each.label, each.label_source) for each in home.fields}
    assert labels == {
        "reference": ("Reference", LabelSource.NAMED),
        "nom": ("Nom de famille", LabelSource.TOOLTIP),
        "txtPrenom": ("Prénom", LabelSource.SUGGESTED),
        "cp": ("Code postal", LabelSource.SUGGESTED),
        "dateNaissance": ("Né(e) le", LabelSource.SUGGESTED),
        "demande": ("Votre demande", LabelSource.SUGGESTED),
        "sexe": ("Madame / Monsieur", LabelSource.SUGGESTED),
        "accord": ("J'accepte les conditions", LabelSource.SUGGESTED),
        "commune": ("Commune", LabelSource.TOOLTIP),
        "signature": ("Signature", LabelSource.TOOLTIP),
    }


def test_a_field_says_its_place_limits_and_choices(home) -> None:
    told = {each.key: each for each in home.fields}
    assert told["nom"].places[0].rectangle == Rectangle(100, 68, 200, 18)
    assert told["nom"].is_required and not told["cp"].is_required
    assert told["cp"].max_length == 5
    assert told["sexe"].options == (Option("F", "Madame"), Option("M", "Monsieur"))
    assert [each.value for each in told["sexe"].places] == ["F", "M"]
    assert told["commune"].options == (
        Option("02", "Guise"),
        Option("Wassigny", "Wassigny"),
    )
    assert [(each.width, each.height) for each in home.pages] == [(595, 842)] * 2


def test_places_that_share_a_name_are_one_value(home) -> None:
    [reference] = [each for each in home.fields if each.key == "reference"]
    assert [(each.key, each.page) for each in reference.places] == [
        ("reference", 1),
        ("reference#2", 2),
    ]


def test_two_kinds_under_one_name_are_two_values() -> None:
    form = PdfForm()
    form.field("date", [100, 700, 200, 716])
    form.box("date", [300, 700, 312, 712])
    assert {key: each.kind for key, each in fields_of(form).items()} == {
        "date": FieldKind.DATE,
        "date~2": FieldKind.BOX,
    }


def test_a_name_with_nul_is_a_name_that_any_database_keeps() -> None:
    form = PdfForm()
    form.field("a\0b\x1b\ud800"[:3], [100, 700, 200, 716])
    form.field(None, [100, 600, 200, 616])
    assert sorted(fields_of(form)) == ["ab", "champ"]


def test_a_page_that_is_turned_and_cut_is_measured_as_it_is_seen() -> None:
    form = PdfForm()
    form.field("nom", [110, 700, 210, 716])
    form.pdf.pages[0].obj.Rotate = 90
    form.pdf.pages[0].obj.CropBox = pikepdf.Array([10, 0, 595, 800])
    described = read(form.saved()).description
    assert (described.pages[0].width, described.pages[0].height) == (800, 585)
    assert described.fields[0].places[0].rectangle == Rectangle(700, 100, 16, 100)


def test_programs_are_told_and_gone_and_a_date_is_known_by_its_own() -> None:
    form = PdfForm()
    pdf_forms.with_programs(form)
    found = read(form.saved())
    told = {each.key: each for each in found.description.fields}
    assert told["total"].is_calculated and told["total"].is_scripted
    assert told["jour"].kind is FieldKind.DATE and not told["jour"].is_calculated
    assert Notice.SCRIPTS in found.description.notices
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        kept = [str(each) for each in pdf.objects if "JavaScript" in str(each)]
    assert kept == []


def test_a_hybrid_form_is_filled_in_by_its_own_fields() -> None:
    form = request_for_a_home()
    pdf_forms.with_xfa(form)
    found = read(form.saved())
    assert len(found.description.fields) == 10
    assert found.description.notices == (Notice.XFA_DROPPED, Notice.RIGHTS_DROPPED)
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        assert "/XFA" not in pdf.Root.AcroForm and "/Perms" not in pdf.Root


@pytest.mark.parametrize("has_fields", [True, False])
def test_a_form_without_fields_is_flat(has_fields) -> None:
    form = PdfForm(2, has_fields=has_fields)
    described = read(form.saved()).description
    assert described.is_flat and len(described.pages) == 2


def test_hidden_fields_and_buttons_are_left_out_and_told() -> None:
    form = PdfForm()
    form.field("bouton", [100, 700, 200, 716], kind="/Btn", Ff=pdf_forms.BUTTON)
    form.field("nom", [100, 600, 200, 616])
    form.field("caché", [100, 500, 200, 516])["/F"] = 2
    described = read(form.saved()).description
    assert [each.key for each in described.fields] == ["nom"]
    assert described.notices == (Notice.FIELDS_LEFT_OUT,)


@pytest.mark.filterwarnings("ignore:This document has")
def test_a_field_that_no_list_names_is_found_on_its_page() -> None:
    form = request_for_a_home()
    form.pdf.Root.AcroForm.Fields = pikepdf.Array()
    found = read(form.saved())
    assert len(found.description.fields) == 10
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        assert len(pdf.Root.AcroForm.Fields) == 10


def test_a_description_is_kept_as_plain_values(home) -> None:
    assert FormDescription.from_json(home.to_json()) == home


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", FormRefusal.EMPTY),
        (b"PK\x03\x04 a letter of a word processor", FormRefusal.NOT_A_PDF),
        (b"%PDF-1.7\nand then nothing of the kind", FormRefusal.CUT_OFF),
        (b"%PDF-1.7\n1 0 obj\nstartxref\n9\n%%EOF", FormRefusal.DAMAGED),
        (pdf_forms.xfa_only().saved(), FormRefusal.XFA_ONLY),
        (pdf_forms.signed().saved(), FormRefusal.SIGNED),
        (request_for_a_home().saved(encryption=ENCRYPTED), FormRefusal.ENCRYPTED),
        (request_for_a_home().saved()[:-40], FormRefusal.CUT_OFF),
        (request_for_a_home().saved(linearize=True)[:-400], FormRefusal.CUT_OFF),
        (PdfForm(6).saved(), FormRefusal.TOO_MANY_PAGES),
        (pdf_forms.many_fields(31, 1).saved(), FormRefusal.TOO_MANY_FIELDS),
        (b"%PDF-1.7\n" + bytes(1_000_000), FormRefusal.TOO_LARGE),
    ],
    ids=lambda each: each if isinstance(each, FormRefusal) else "",
)
def test_what_is_no_form_is_refused_with_its_reason(content, reason) -> None:
    with pytest.raises(FormRefused) as refused:
        read(content, Limits(max_pages=5, max_fields=30, max_bytes=900_000))
    assert refused.value.reason is reason


def test_a_form_whose_download_broke_off_is_told_as_that() -> None:
    content = request_for_a_home().saved()
    with pytest.raises(FormRefused) as refused:
        read(content[: len(content) // 3])
    assert refused.value.reason is FormRefusal.CUT_OFF


def test_a_form_that_only_its_author_may_change_is_taken_without_that(home) -> None:
    protected = read(request_for_a_home().saved(encryption=READABLE))
    assert protected.description == home
    with pikepdf.open(io.BytesIO(protected.pdf)) as pdf:
        assert not pdf.is_encrypted
