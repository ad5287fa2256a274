# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's day, and the console of one appointment."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.errors import Refusal
from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.day import counsellors_day, home_parts
from booking_web.pages.counsellor.desk.entry import leads_to_desk
from booking_web.pages.counsellor.duty_line import duty_line
from booking_web.pages.counsellor.guest_line import TypedCall
from booking_web.pages.counsellor.second_screen.line import written_in
from booking_web.pages.counsellor.view import ConsoleView, console_view
from booking_web.shell.archive import archive
from booking_web.shell.form_services import read_scans_soon
from booking_web.shell.forms.form_sizes import FORM_SLACK_BYTES
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.device_jobs import MAX_COPIES, RESOLUTIONS_DPI, Operation
from booking_web.tables.journal_acts import Act
from booking_web.words.devices import OPERATIONS, PRESETS
from booking_web.words.documents import refusal_sentence

# What scripts put into a page that is open: a sign-in has no place there.
PARTS_OF_A_PAGE = (
    "console.changes",
    "console.guest_standing",
    "console.handover_changes",
    "console.home_changes",
    "console.show_pages_changes",
    "console.table_changes",
)

blueprint = Blueprint("console", __name__, url_prefix="/rendez-vous")


@blueprint.url_value_preprocessor
def _let_documents_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    # Before anything reads the form: elsewhere half a megabyte is enough.
    if endpoint == "console.upload":
        request.max_content_length = archive().max_bytes + FORM_SLACK_BYTES


@blueprint.before_request
def _refuse_late_buttons() -> None:
    """Tell a page whose sign-in has ended so: its buttons are pressed by its script."""
    if request.method != "GET" and not current_user.is_authenticated:
        abort(401)


blueprint.before_request(gate(Right.CONSOLE, parts=PARTS_OF_A_PAGE))


@blueprint.get("")
def home() -> str:
    """Show a day's appointments; of today those in call on top."""
    begin_page()
    now = services().now()
    with services().database.read() as session:
        viewer = signed_in(Right.CONSOLE)
        day = counsellors_day(session, viewer, now)
        has_desk = leads_to_desk(session, viewer)
        duty = duty_line(session, viewer, now)
    return render_template(
        "counsellor/home.html",
        day=day,
        parts=home_parts(day),
        now=now,
        has_desk=has_desk,
        duty=duty,
        last_event=last_change(),
        title=(
            gettext("Rendez-vous du jour")
            if day.day == day.today
            else gettext("Rendez-vous")
        ),
    )


@blueprint.get("/<int:appointment_id>")
def show(appointment_id: int) -> str:
    """Show the console; that its documents were looked at is written down."""
    begin_page()
    viewer = signed_in(Right.CONSOLE)

    def work(session: Session) -> ConsoleView:
        now = services().now()
        appointment = viewer.appointment(session, appointment_id)
        tell(session, Act.CONSOLE_OPENED, appointment, actor=viewer.actor, at=now)
        return console_view(session, viewer, appointment_id, now)

    view = in_transaction(services().database, work)
    if view.returns.is_unread:
        read_scans_soon(appointment_id)
    return render_console(view)


def read_console(appointment_id: int) -> ConsoleView:
    """Read the console as it is now."""
    with services().database.read() as session:
        return console_view(
            session, signed_in(Right.CONSOLE), appointment_id, services().now()
        )


def render_console(
    view: ConsoleView,
    *,
    upload_error: str = "",
    upload_title: str = "",
    typed_call: TypedCall | None = None,
) -> str:
    """Write the whole page; a refused upload keeps its title, a refused call what was typed."""
    return render_template(
        "counsellor/console.html",
        view=view,
        viewer=signed_in(Right.CONSOLE),
        upload_error=upload_error,
        upload_title=upload_title,
        typed_call=typed_call,
        presets=PRESETS,
        resolutions=RESOLUTIONS_DPI,
        max_copies=MAX_COPIES,
        max_megabytes=services().settings.documents_max_megabytes,
        has_archive=archive().is_configured,
        operations=OPERATIONS,
        Operation=Operation,
        last_event=last_change(),
        written=written_in(signed_in(Right.CONSOLE), view.row.id),
        # A title stands in the browser's history, and on its bar for who looks on.
        title=gettext(
            "Rendez-vous de %(name)s", name=view.row.alias or view.row.resident_name
        ),
    )


def refusal_words(reason: Refusal) -> str:
    """Say why a file is not taken, with this site's limits."""
    settings = services().settings
    return refusal_sentence(
        reason, settings.documents_max_megabytes, settings.documents_max_pages
    )


@blueprint.errorhandler(RequestEntityTooLarge)
def _refuse_large_upload(_error: RequestEntityTooLarge) -> tuple[str, int]:
    if request.endpoint != "console.upload" or not current_user.is_authenticated:
        abort(400)
    begin_page()
    view = read_console((request.view_args or {})["appointment_id"])
    words = refusal_words(Refusal.TOO_LARGE)
    return render_console(view, upload_error=words), 413
