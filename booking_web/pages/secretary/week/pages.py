# SPDX-License-Identifier: AGPL-3.0-or-later
"""The week, and the same appointments for paper and for spreadsheets."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.person import Right
from booking_web.pages.secretary.week.agenda import (
    AgendaRow,
    Span,
    asked_span,
    days_of,
    hours_of,
    rows_of_span,
)
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from booking_web.telling.calendars.spreadsheet import spreadsheet

blueprint = Blueprint("week", __name__, url_prefix="/bureau")
blueprint.before_request(gate(Right.DESK))


@blueprint.get("/semaine")
def show() -> str:
    """Show a week as a table of days and hours."""
    with services().database.read() as session:
        span, rows = _asked(session, is_week=True)
    rows = _without_cancelled(rows)
    return render_template(
        "secretary/week/week.html",
        span=span,
        rows=rows,
        days=days_of(span, rows),
        hours=hours_of(rows),
        title=gettext("Semaine"),
    )


@blueprint.get("/imprimer")
def print_list() -> str:
    """Show a day or a week as a list to print; the addresses of both are `periode`."""
    is_week = request.args.get("periode") == "semaine"
    span, rows = _taken_out(Act.LIST_PRINTED, is_week=is_week)
    return render_template(
        "secretary/week/print.html",
        span=span,
        rows=_without_cancelled(rows),
        days=span.dates,
        is_week=is_week,
        title=gettext("Liste des rendez-vous"),
    )


@blueprint.get("/jour.csv")
def day_csv() -> Response:
    """Give a day for a spreadsheet."""
    span, rows = _taken_out(Act.LIST_EXPORTED, is_week=False)
    return _csv(rows, f"rendez-vous-{span.first.isoformat()}.csv")


@blueprint.get("/semaine.csv")
def week_csv() -> Response:
    """Give a week for a spreadsheet."""
    span, rows = _taken_out(Act.LIST_EXPORTED, is_week=True)
    year, week, _ = span.first.isocalendar()
    return _csv(rows, f"rendez-vous-{year}-semaine-{week:02}.csv")


def _asked(session: Session, *, is_week: bool) -> tuple[Span, list[AgendaRow]]:
    looking = signed_in(Right.DESK)
    span = asked_span(session, looking, services().now(), is_week=is_week)
    return span, rows_of_span(session, looking, span)


def _taken_out(act: Act, *, is_week: bool) -> tuple[Span, list[AgendaRow]]:
    """Read the list, and write down that its names left the application."""

    def work(session: Session) -> tuple[Span, list[AgendaRow]]:
        span, rows = _asked(session, is_week=is_week)
        where = span.relay.slug if span.relay else "*"
        write_down(
            session,
            act,
            actor=signed_in(Right.DESK).actor,
            at=services().now(),
            detail=f"{where} {span.first.isoformat()} +{span.days}: {len(rows)}",
        )
        return span, rows

    return in_transaction(services().database, work)


def _without_cancelled(rows: list[AgendaRow]) -> list[AgendaRow]:
    return [row for row in rows if row.state is not AppointmentState.CANCELLED]


def _csv(rows: list[AgendaRow], name: str) -> Response:
    titles = [
        gettext("Date"),
        gettext("Début"),
        gettext("Fin"),
        gettext("Usager"),
        gettext("Téléphone"),
        gettext("Organisme"),
        gettext("Motif"),
        gettext("Précision"),
        gettext("Relais"),
        gettext("Borne"),
        gettext("Guichet"),
        gettext("État"),
    ]
    table = [
        (
            row.local_start.strftime("%d/%m/%Y"),
            row.local_start.strftime("%H:%M"),
            row.local_end.strftime("%H:%M"),
            row.resident_name,
            row.telephone,
            row.organisation,
            row.visit_reason,
            row.reason,
            row.relay,
            row.kiosk,
            row.counter,
            str(row.wording.word),
        )
        for row in rows
    ]
    response = Response(spreadsheet(titles, table), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
