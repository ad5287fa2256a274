# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done to pages on the table: plain form posts, each of one change."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.documents.arranging import (
    Change,
    await_scan,
    join_document,
    lay,
    mark_copy,
    take_back,
)
from booking_web.domain.documents.laid_pages import (
    Crop,
    LaidPage,
    LayingRefused,
    NoRectangle,
    Turn,
    crop_page,
    drop_page,
    move_page,
    turn_page,
)
from booking_web.domain.documents.naming import name_document
from booking_web.domain.documents.table_lines import ChangedMeanwhile
from booking_web.domain.kiosks.orders import NotInCall, TooManyJobs, prepare_job
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import call_is_over, too_many
from booking_web.pages.counsellor.documents import refuse_unread
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.counsellor.scans.table import TABLE
from booking_web.pages.counsellor.scans.view import find_document
from booking_web.pages.rows.actors import name_of
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import Done, carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.device_jobs import JobOrder, Operation, Preset
from booking_web.tables.document_kinds import DocumentKind
from booking_web.words.scans import changed_by_words, laying_refusal

# What a button of a page's card does to it.
_TURNS = {"gauche": Turn.LEFT, "droite": Turn.RIGHT, "demi-tour": Turn.HALF}
_STEPS = {"avant": -1, "apres": 1}


@blueprint.post(TABLE)
def change_table(appointment_id: int, number: int) -> Response:
    """Turn, move, drop or scan again the page that the pressed button names."""
    act, _, told = request.form.get("geste", "").partition(" ")
    if act == "annuler":
        change_laid(appointment_id, number, take_back)
        return back_to_table(appointment_id, number)
    key = _whole(told)
    if act in _TURNS:
        work = _laying(lambda pages: turn_page(pages, key, _TURNS[act]))
    elif act in _STEPS:
        work = _laying(lambda pages: move_page(pages, key, _STEPS[act]))
    elif act == "retirer":
        return _drop(appointment_id, number, key)
    else:
        abort(422)
    change_laid(appointment_id, number, work)
    is_large = request.form.get("vue") == "page" and act in _TURNS
    return back_to_table(appointment_id, number, key, is_large=is_large)


def _drop(appointment_id: int, number: int, key: int) -> Response:
    """Drop a page; the one beside it is where who pressed the button goes on."""
    beside = key

    def drop(pages: Sequence[LaidPage]) -> Sequence[LaidPage]:
        nonlocal beside
        keys = [page.key for page in pages]
        left = drop_page(pages, key)
        beside = left[min(keys.index(key), len(left) - 1)].key
        return left

    change_laid(appointment_id, number, _laying(drop))
    return back_to_table(appointment_id, number, beside)


@blueprint.post(f"{TABLE}/<int:key>/recadrer")
def crop_laid_page(appointment_id: int, number: int, key: int) -> Response:
    """Leave of a page the rectangle that was chosen, or all of it."""
    is_whole = request.form.get("geste") == "entiere"

    def work(change: Change) -> None:
        seen = Crop(0, 0, 1, 1) if is_whole else _rectangle()
        lay(change, lambda pages: crop_page(pages, key, seen))

    done = change_laid(appointment_id, number, work)
    return back_to_table(appointment_id, number, key, is_large=done is None or is_whole)


@blueprint.post(f"{TABLE}/<int:key>/refaire")
def repeat_page(appointment_id: int, number: int, key: int) -> Response:
    """Have the kiosk scan again; what comes takes the place of this page."""
    try:
        preset = Preset(request.form.get("preset") or Preset.AUTO)
    except ValueError:
        abort(422)
    order = JobOrder(operation=Operation.SCAN, preset=preset)

    def work(change: Change) -> None:
        job = prepare_job(
            change.session, change.appointment, order, change.actor, change.now
        )
        await_scan(change, key, job.number or 0)

    if change_laid(appointment_id, number, work) is not None:
        flash(
            gettext(
                "La borne numérise : la nouvelle page prendra la place de celle-ci."
            ),
            "success",
        )
    return back_to_table(appointment_id, number, key)


@blueprint.post(f"{TABLE}/joindre")
def join_scan(appointment_id: int, number: int) -> Response:
    """Lay the pages of another document after those on the table."""
    other = _whole(request.form.get("document", ""))
    refuse_unread(appointment_id, other)
    most = archive().max_pages
    done = change_laid(
        appointment_id, number, lambda change: join_document(change, other, most)
    )
    if done is not None:
        flash(
            ngettext(
                "%(num)d page du document %(other)s est jointe.",
                "%(num)d pages du document %(other)s sont jointes.",
                done.value,
                other=other,
            ),
            "success",
        )
    return back_to_table(appointment_id, number)


@blueprint.post(f"{TABLE}/copie")
def mark_table(appointment_id: int, number: int) -> Response:
    """Have each page say what the copy is for, or nothing."""
    is_marked = request.form.get("geste") != "enlever"
    words = request.form.get("mention", "") if is_marked else ""
    change_laid(appointment_id, number, lambda change: mark_copy(change, words))
    return back_to_table(appointment_id, number)


@blueprint.post(f"{TABLE}/nommer")
def name_it(appointment_id: int, number: int) -> Response:
    """Say what kind of paper it is, and what it is called."""
    if save_name(appointment_id, number):
        flash(gettext("Le nom est enregistré."), "success")
    return back_to_table(appointment_id, number)


def save_name(appointment_id: int, number: int) -> bool:
    """Keep the kind and the title of the form; False where that was refused, and told.

    A form that has neither says nothing of them.
    """
    if "titre" not in request.form:
        return True
    told = request.form.get("nature", "")
    try:
        kind = DocumentKind(told) if told else None
    except ValueError:
        abort(422)
    title = request.form.get("titre", "")
    viewer = signed_in(Right.CONSOLE)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        document = find_document(session, viewer, appointment_id, number)
        now = services().now()
        name_document(session, appointment, document, kind, title, viewer.actor, now)

    return carry_out(work) is not None


def change_laid(
    appointment_id: int, number: int, work: Callable[[Change], Any]
) -> Done[Any] | None:
    """Change the table that the form was on; None where that was refused, and told."""
    viewer = signed_in(Right.CONSOLE)
    revision = _whole(request.form.get("revision", ""))
    changed_by = ""

    def in_one(session: Session) -> Any:
        nonlocal changed_by
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        document = find_document(session, viewer, appointment_id, number)
        change = Change(
            session=session,
            appointment=appointment,
            document=document,
            revision=revision,
            actor=viewer.actor,
            now=services().now(),
        )
        try:
            return work(change)
        except ChangedMeanwhile as error:
            is_own = error.by == viewer.actor
            changed_by = "" if is_own else name_of(session, error.by)
            raise

    return carry_out(
        in_one,
        {
            ChangedMeanwhile: lambda error: changed_by_words(changed_by),
            LayingRefused: laying_refusal,
            NotInCall: call_is_over,
            TooManyJobs: too_many,
        },
    )


def back_to_table(
    appointment_id: int, number: int, key: int | None = None, *, is_large: bool = False
) -> Response:
    """Lead back to the table, to this page of it where it is told."""
    values: dict[str, Any] = {"appointment_id": appointment_id, "number": number}
    if key is not None and is_large:
        return redirect(url_for("console.show_laid_page", **values, key=key), 303)
    anchor = "table-title" if key is None else f"page-{key}"
    return redirect(url_for("console.show_table", **values, _anchor=anchor), 303)


def _laying(laid: Callable[[Any], Any]) -> Callable[[Change], None]:
    return lambda change: lay(change, laid)


def _whole(told: str) -> int:
    number = whole_or_none(told)
    if number is None:
        abort(422)
    return number


def _rectangle() -> Crop:
    """Read what is to be taken off at each side, in hundredths."""
    off = [_hundredths(side) for side in ("gauche", "haut", "droite", "bas")]
    left, top, right, bottom = off
    return Crop(left, top, 1 - right, 1 - bottom)


def _hundredths(side: str) -> float:
    told = request.form.get(side, "").strip().replace(",", ".") or "0"
    try:
        value = float(told) / 100
    except ValueError:
        raise NoRectangle from None
    if not math.isfinite(value):
        raise NoRectangle
    return value
