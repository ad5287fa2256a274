# SPDX-License-Identifier: AGPL-3.0-or-later
"""The week of the counters, and the pages that add, change and withdraw hours."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.hours_changes import (
    PARTS,
    TouchesAppointments,
    change_hours,
    to_plan_again,
)
from booking_web.domain.fleet.alerts.concerned import disuse_at_organisation
from booking_web.domain.places.published import read_rules
from booking_web.domain.places.relays import all_relays
from booking_web.domain.places.usual_week import usual_week
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.manager.forms import WEEKDAYS, ClosureForm, OpeningForm
from booking_web.pages.manager.gate import blueprint as blueprint
from booking_web.pages.manager.touched import (
    ShownAppointment,
    note_shown,
    shown_appointments,
)
from booking_web.pages.manager.week import (
    closure_words,
    closures_of,
    holidays_ahead,
    notes_of,
    weeks_of,
)
from booking_web.pages.rows.alert_lines import alert_lines
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.hours import Opening
from booking_web.words.opening_hours import range_words

INVALID, CONFLICT, BUSY = 422, 409, 503
Answer = str | Response | tuple[str, int]


def language() -> str:
    """Give the language of the page."""
    return str(get_locale().language)


def today_of(session: Session, acting: Person, now: datetime) -> date:
    """Give the date on the organisation's wall."""
    return local_day(now, ZoneInfo(acting.organisation(session).time_zone))


@blueprint.get("")
def show() -> str:
    """Show the week, exceptions and holidays."""
    acting, now = signed_in(Right.HOURS), services().now()
    with services().database.read() as session:
        today = today_of(session, acting, now)
        organisation = acting.organisation(session)
        rules = read_rules(session, organisation)
        return render_template(
            "manager/hours.html",
            organisation=organisation,
            weeks=weeks_of(session, acting, today, language()),
            weekdays=[name for _, name in WEEKDAYS],
            closures=closures_of(session, acting, today, language()),
            holidays=holidays_ahead(rules, today, language()),
            rules=rules,
            disuse=alert_lines(session, disuse_at_organisation(session, organisation)),
            waiting=sum(
                len(to_plan_again(session, acting, now, part)) for part in PARTS
            ),
        )


@blueprint.post("/semaine-type")
def publish_usual_week() -> Answer:
    """Publish the usual week for every counter that is never open."""
    acting, now = signed_in(Right.HOURS), services().now()

    def change(session: Session) -> None:
        today = today_of(session, acting, now)
        weeks = weeks_of(session, acting, today, language())
        for counter, week in zip(acting.counters(session), weeks):
            if week.is_empty:
                session.add_all(usual_week(counter.id, today))

    return changed(acting, change, now, gettext("Les horaires sont publiés."))


@blueprint.route("/plage", methods=["GET", "POST"])
def add_opening() -> Answer:
    """Ask for new hours, and publish them."""
    acting, now = signed_in(Right.HOURS), services().now()
    form = OpeningForm()
    with services().database.read() as session:
        form.offer(acting.counters(session), all_relays(session))
        today = today_of(session, acting, now)
    if request.method == "GET":
        form.counters.data = [value for value, _ in form.counters.choices]
        form.weekdays.data = ["0", "1", "2", "3", "4"]
        form.first_day.data = today.isoformat()
        return _opening_page(form)
    if is_coming_back():
        return _opening_page(form)
    values = form.values()
    if values is None:
        return _opening_page(form), INVALID

    def change(session: Session) -> None:
        for counter_id in form.counters.data:
            session.add(Opening(counter_id=int(counter_id), **values))

    return changed(acting, change, now, gettext("Les heures sont publiées."))


@blueprint.route("/plage/<int:opening_id>", methods=["GET", "POST"])
def change_opening(opening_id: int) -> Answer:
    """Show a range, and change it."""
    acting, now = signed_in(Right.HOURS), services().now()
    form = OpeningForm()
    with services().database.read() as session:
        form.offer(acting.counters(session), all_relays(session))
        row = acting.opening(session, opening_id)
    if request.method == "GET":
        form.show(row)
        return _opening_page(form, opening_id)
    form.counters.data = [str(row.counter_id)]
    if is_coming_back():
        return _opening_page(form, opening_id)
    values = form.values()
    if values is None:
        return _opening_page(form, opening_id), INVALID

    def change(session: Session) -> None:
        changing = acting.opening(session, opening_id)
        for name, value in values.items():
            setattr(changing, name, value)

    return changed(acting, change, now, gettext("La plage est changée."))


@blueprint.post("/plage/<int:opening_id>/retirer")
def remove_opening(opening_id: int) -> Answer:
    """Ask once, with the appointments that it touches, then withdraw the range."""
    acting, now = signed_in(Right.HOURS), services().now()
    with services().database.read() as session:
        row = acting.opening(session, opening_id)
        today = today_of(session, acting, now)
        hours = range_words(row.opens_minute, row.closes_minute, language())
        days = ", ".join(
            str(name) for value, name in WEEKDAYS if row.weekdays >> int(value) & 1
        )
        notes = notes_of(row, today)
        what = ", ".join(filter(None, (days, hours, notes)))
        asked = gettext("%(name)s : %(what)s", name=row.counter.name, what=what)

    def change(session: Session) -> None:
        session.delete(acting.opening(session, opening_id))

    return changed(
        acting,
        change,
        now,
        gettext("La plage est retirée."),
        always_ask=asked,
        back=url_for("manager.change_opening", opening_id=opening_id),
    )


@blueprint.route("/exception", methods=["GET", "POST"])
def add_closure() -> Answer:
    """Ask for an exception, and publish it."""
    acting, now = signed_in(Right.HOURS), services().now()
    form = ClosureForm()
    with services().database.read() as session:
        form.offer(acting.counters(session))
    if request.method == "GET" or is_coming_back():
        return _closure_page(form)
    if form.closure(acting.own_organisation_id) is None:
        return _closure_page(form), INVALID

    def change(session: Session) -> None:
        session.add(form.closure(acting.own_organisation_id))

    return changed(acting, change, now, gettext("L'exception est publiée."))


@blueprint.post("/exception/<int:closure_id>/retirer")
def remove_closure(closure_id: int) -> Answer:
    """Ask once, then open again."""
    acting, now = signed_in(Right.HOURS), services().now()
    with services().database.read() as session:
        shown = closure_words(acting.closure(session, closure_id), language())
    asked = ", ".join(
        part for part in (shown.days, shown.hours, shown.counter, shown.label) if part
    )

    def change(session: Session) -> None:
        session.delete(acting.closure(session, closure_id))

    return changed(
        acting, change, now, gettext("L'exception est retirée."), always_ask=asked
    )


def changed(
    acting: Person,
    change: Callable[[Session], None],
    now: datetime,
    said: str,
    *,
    always_ask: str = "",
    back: str = "",
) -> Answer:
    """Make the change and lead on; ask first where appointments lie in what goes.

    Who then changes nothing comes to `back`, or else to the page that asked, with all that
    they had typed: see `is_coming_back`.
    """
    is_confirmed = "confirme" in request.form
    back = back or request.path
    if always_ask and not is_confirmed:
        return _ask_first(acting, change, now, always_ask, back)
    try:
        done = carry_out(
            lambda session: change_hours(
                session, acting, change, now, is_confirmed=is_confirmed
            )
        )
    except TouchesAppointments as error:
        return _confirmation(_shown(error.touched, now), "", back)
    if done is None:
        return redirect(url_for("manager.show"), 303)
    flash(said, "success")
    if done.value:
        return redirect(url_for("manager.plan_again"), 303)
    return redirect(url_for("manager.show"), 303)


def is_coming_back() -> bool:
    """Tell whether the form was sent to be shown again, by somebody who changes nothing."""
    return "revenir" in request.form


class _OnlyAsking(Exception):
    """Rolls a change back after it was tried."""


def _ask_first(
    acting: Person,
    change: Callable[[Session], None],
    now: datetime,
    asked: str,
    back: str,
) -> Answer:
    """Try the change, undo it, and ask with what it would touch."""
    touched: list[int] = []

    def attempt(session: Session) -> None:
        try:
            change_hours(session, acting, change, now, is_confirmed=False)
        except TouchesAppointments as error:
            touched.extend(error.touched)
        raise _OnlyAsking

    try:
        in_transaction(services().database, attempt)
    except _OnlyAsking:
        pass
    return _confirmation(_shown(touched, now), asked, back)


def _shown(touched: Any, now: datetime) -> list[ShownAppointment]:
    with services().database.read() as session:
        found = shown_appointments(session, touched, now)
    note_shown(found)
    return found


def _confirmation(touched: list[ShownAppointment], asked: str, back: str) -> str:
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "confirme", "revenir")
    ]
    title = ngettext(
        "%(num)d rendez-vous est dans ces heures",
        "%(num)d rendez-vous sont dans ces heures",
        len(touched),
    )
    return render_template(
        "manager/confirm.html",
        title=title if touched else gettext("Retirer ces heures ?"),
        touched=touched,
        asked=asked,
        kept=kept,
        back=back,
    )


def _opening_page(form: OpeningForm, opening_id: int | None = None) -> str:
    title = (
        gettext("Ajouter des heures")
        if opening_id is None
        else gettext("Changer ces heures")
    )
    return render_template(
        "manager/opening.html", form=form, title=title, opening_id=opening_id
    )


def _closure_page(form: ClosureForm) -> str:
    return render_template(
        "manager/closure.html", form=form, title=gettext("Ajouter une exception")
    )
