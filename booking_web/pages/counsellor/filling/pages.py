# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which a draft is filled in; saved as a whole where no script saves each key."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.forms.draft_outcomes import OpenDraft, SavedForm, Taken
from booking_web.domain.forms.library_reading import Edition, read_edition
from booking_web.pages.counsellor.filling.blueprint import (
    blueprint,
    counsellor,
    own_draft,
)
from booking_web.pages.counsellor.filling.fields import labels_of, name_of
from booking_web.pages.counsellor.filling.sent import (
    number_sent,
    sent_values,
)
from booking_web.pages.counsellor.filling.view import NotKept, filling_view
from booking_web.shell.form_services import drafts
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.words.form_library import value_sentence


@blueprint.get("/<int:draft_id>")
def show(appointment_id: int, draft_id: int) -> str:
    """Show the form as it is filled in so far."""
    return _page(appointment_id, draft_id)


@blueprint.get("/<int:draft_id>/changements")
def changes(appointment_id: int, draft_id: int) -> Response:
    """Give the parts of an open page that it does not show so."""
    draft = own_draft(appointment_id, draft_id)
    update = PageUpdate()
    with services().database.read() as session:
        view = filling_view(
            session, draft, appointment_id, counsellor().actor, services().now()
        )
    for name, facts in view.parts.items():
        template = f"counsellor/filling/_{name}.html"
        update.part(name, facts, template, view=view)
    return update.response()


@blueprint.post("/<int:draft_id>")
def save(appointment_id: int, draft_id: int) -> Response | tuple[str, int]:
    """Keep the whole form, as it is sent where no script runs."""
    viewer = counsellor()
    draft = own_draft(appointment_id, draft_id)
    with services().database.read() as session:
        edition = read_edition(session, draft.edition_id)
    sent = sent_values(edition.description, request.form)
    if request.form.get("reprendre") == "1":
        drafts().take_over(draft_id, viewer.actor)
    revision = number_sent("revision")
    saved = drafts().save_form(draft_id, revision, sent, viewer.actor)
    if isinstance(saved, Taken):
        left = _changed(edition, draft, sent)
        return _page(appointment_id, draft_id, left), 409
    left = _left(edition, saved, sent)
    if left:
        return _page(appointment_id, draft_id, left), 422
    is_printed = request.form.get("puis") == "imprimer"
    if not is_printed:
        flash(gettext("Tout est enregistré."), "success")
    following = "returns.ask_to_print" if is_printed else "filling.show"
    address = url_for(following, appointment_id=appointment_id, draft_id=draft_id)
    return redirect(address, 303)


def _page(appointment_id: int, draft_id: int, not_kept: Sequence[NotKept] = ()) -> str:
    begin_page()
    viewer = counsellor()
    draft = own_draft(appointment_id, draft_id)
    with services().database.read() as session:
        view = filling_view(
            session, draft, appointment_id, viewer.actor, services().now()
        )
    return render_template(
        "counsellor/filling/page.html",
        view=view,
        not_kept=not_kept,
        last_event=last_change(),
        title=gettext(
            "%(form)s, pour %(name)s", form=view.title, name=view.name_on_boards
        ),
    )


def _changed(
    edition: Edition, draft: OpenDraft, sent: Mapping[str, str]
) -> list[NotKept]:
    """Give what was sent and differs from what is kept: nothing of it may be lost."""
    fields = edition.description.fields
    kept = {each.key: draft.values.get(each.key, each.value) for each in fields}
    return _told(edition, {key: "" for key in sent if sent[key] != kept[key]}, sent)


def _left(edition: Edition, saved: SavedForm, sent: Mapping[str, str]) -> list[NotKept]:
    elsewhere = gettext(
        "Ce champ a été changé entre-temps, par vous sur une autre page ou par un "
        "collègue : c'est cela qui reste."
    )
    why = {key: value_sentence(reason) for key, reason in saved.refused.items()}
    return _told(edition, why | dict.fromkeys(saved.apart, elsewhere), sent)


def _told(
    edition: Edition, why: Mapping[str, str], sent: Mapping[str, str]
) -> list[NotKept]:
    """Give the fields that `why` names, in the form's order, with what was sent of them."""
    labels = labels_of(edition.asked)
    return [
        NotKept(name_of(number), labels[each.key], sent[each.key], why[each.key])
        for number, each in enumerate(edition.description.fields)
        if each.key in why
    ]
