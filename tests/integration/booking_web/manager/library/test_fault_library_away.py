# SPDX-License-Identifier: AGPL-3.0-or-later
"""The disk is full, the reader hangs or the database is held: it is said, and nothing is left."""

import pytest
from sqlalchemy import func, select

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreFull
from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.forms.errors import EngineUnavailable
from booking_web.domain.forms.library import Library
from booking_web.domain.forms.reader import FormReader
from booking_web.tables.forms import Form, FormEdition
from tests.factories import pdf_forms
from tests.integration.booking_web.manager.library.test_placing_fields import a_row


def broken(error: Exception):
    """Give what is there instead of a method."""

    def fail(*_given: object, **_named: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "owner, method, error, words",
    [
        (DocumentStore, "put", StoreFull("full"), "Le disque du serveur est plein"),
        (FormReader, "read", EngineUnavailable("away"), "rien n'est perdu"),
        (Library, "_do", DatabaseBusy(), "très occupé"),
    ],
)
def test_a_form_that_could_not_be_kept_leaves_nothing(
    manager, monkeypatch, tmp_path, owner, method, error, words
) -> None:
    content = pdf_forms.request_for_a_home().saved()
    with monkeypatch.context() as faulty:
        faulty.setattr(owner, method, broken(error))
        answer = manager.upload(content, "Mon titre")
    assert answer.status_code == 503
    assert words in answer.text.replace("&#39;", "'")
    assert 'value="Mon titre"' in answer.text
    with manager.database.read() as session:
        assert session.scalar(select(func.count(Form.id))) == 0
        assert session.scalar(select(func.count(FormEdition.id))) == 0
    assert list((tmp_path / "documents").rglob("content/*/*")) == []
    assert manager.upload(content, "Mon titre").status_code == 303


def test_fields_that_could_not_be_kept_come_back(filled, monkeypatch, tmp_path) -> None:
    kept = sorted((tmp_path / "documents").rglob("content/*/*"))
    form = filled.form("/2/champs")
    form.poplist("aligner")
    a_row(form, 1, label="Nom de naissance")
    for owner, method, error in (
        (DocumentStore, "put", StoreFull("full")),
        (FormReader, "with_fields", EngineUnavailable("away")),
        (Library, "_do", DatabaseBusy()),
    ):
        with monkeypatch.context() as faulty:
            faulty.setattr(owner, method, broken(error))
            answer = filled.send("/2/champs", form)
        assert answer.status_code == 503 and "Nom de naissance" in answer.text
        assert filled.edition(2).description.is_flat
        assert sorted((tmp_path / "documents").rglob("content/*/*")) == kept
    assert filled.send("/2/champs", form).status_code == 303
    # The PDF of the edition that nobody filled in went with it.
    assert len(list((tmp_path / "documents").rglob("content/*/*"))) == len(kept)
