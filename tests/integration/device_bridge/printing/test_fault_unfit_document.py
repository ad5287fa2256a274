# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server sends is no PDF, too much of one, or one that does things."""

import io

import pikepdf
import pytest


def changed(data, change, **save):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        target = io.BytesIO()
        pdf.save(target, **save)
    return target.getvalue()


def add_script(pdf):
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    pdf.Root.OpenAction = pdf.make_indirect(action)


def attach_file(pdf):
    pdf.attachments["program.exe"] = b"MZ"


ENCRYPTED = pikepdf.Encryption(owner="owner", user="user")


@pytest.fixture
def documents(pdf):
    plain = pdf("Formulaire")
    return {
        "text named .pdf": b"Bonjour, je suis un texte.\n",
        "empty": b"",
        "damaged": b"%PDF-1.7\nnothing else\n",
        "encrypted": changed(plain, lambda pdf: None, encryption=ENCRYPTED),
        "with JavaScript": changed(plain, add_script),
        "with a file inside": changed(plain, attach_file),
        "of 400 pages": pdf("Formulaire", 400),
        "too large": pdf("Formulaire") + b"%" * 300_000,
    }


@pytest.mark.parametrize(
    ("kind", "reason", "sentence"),
    [
        ("text named .pdf", "document_not_pdf", "Ce document n'est pas un PDF."),
        ("empty", "document_not_pdf", "Ce document n'est pas un PDF."),
        ("damaged", "document_damaged", "Ce document est abîmé."),
        ("encrypted", "document_encrypted", "protégé par un mot de passe."),
        ("with JavaScript", "document_active", "contient un programme"),
        ("with a file inside", "document_active", "contient un programme"),
        ("of 400 pages", "document_too_long", "Ce document a trop de pages."),
        ("too large", "document_too_large", "Ce document est trop volumineux."),
    ],
)
def test_it_is_not_printed_and_the_counsellor_reads_why(
    make_kiosk, cups, documents, kind, reason, sentence
):
    kiosk = make_kiosk(cups, max_document_bytes=250_000)
    kiosk.server.documents = {1: documents[kind]}
    kiosk.start()

    kiosk.phone.key("*11#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", reason)
    kiosk.phone.wait_heard(sentence)
    assert cups.begun() == 0


def test_a_document_damaged_on_the_way_is_never_printed(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.damage_documents = True
    kiosk.phone.key("*11#")
    kiosk.wait_fetched()

    kiosk.server.damage_documents = False
    kiosk.phone.wait_heard("Impression terminée, 1 page.")

    assert kiosk.printed() == [["Formulaire page 1"]]
