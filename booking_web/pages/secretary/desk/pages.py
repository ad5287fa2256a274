# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk's page and its booking form."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as session_cookie
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.domain.fleet.alerts.concerned import disuse_at_relays
from booking_web.domain.rights.person import Person, RelayChoice, Right
from booking_web.domain.waiting.offers import Offer, offers_at
from booking_web.pages.rows.alert_lines import AlertLine, alert_lines
from booking_web.pages.rows.day import (
    Row,
    organisations_of_day,
    parts_of_day,
    rows_of_day,
)
from booking_web.pages.rows.day_parts import PAGES, DayPart, Part
from booking_web.pages.rows.interpreter_doubts import (
    DoubtfulAppointment,
    doubtful_to_come,
)
from booking_web.pages.rows.readiness import ReadinessView, readiness_view
from booking_web.pages.rows.restricted import RestrictedDay, restricted_of_day
from booking_web.pages.secretary.booking.forms import BookingForm, Choices
from booking_web.pages.secretary.booking.free_slots import FreeSlots, free_slots
from booking_web.pages.secretary.booking.interpreters import interpreters_offered
from booking_web.pages.secretary.booking.subjects import (
    organisations_there_are,
    subjects_of,
)
from booking_web.pages.secretary.booking.submitting import (
    BookingOutcome,
    submit_booking,
)
from booking_web.pages.secretary.waiting.wishes import submit_wish
from booking_web.shell.asked_day import asked_day
from booking_web.shell.forms.kept_form import take_kept_form
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import gate, signed_in
from provisioning.database.models import Relay
from provisioning.directory.usual_time_zone import usual_time_zone

# What scripts put into a page that is open: a sign-in has no place there.
PARTS_OF_A_PAGE = (
    "desk.changes",
    "desk.show_slots",
)

# Where the session keeps what was done just now, until the page offers to take it back.
UNDO = "undo"

blueprint = Blueprint("desk", __name__, url_prefix="/bureau")


@dataclass(frozen=True)
class DeskView:
    """Which day of which relays the page shows."""

    viewer: Person
    relays: list[Relay]
    # None: all of them.
    relay: Relay | None
    day: date
    today: date
    parts: dict[Part, DayPart[Row]]
    readiness: ReadinessView
    # Who comes on the day though nobody works with their data.
    restricted: RestrictedDay = RestrictedDay()

    @property
    def parameters(self) -> dict[str, str]:
        """Give the address's query that shows this very view."""
        chosen: dict[str, str] = {}
        if self.day != self.today:
            chosen["jour"] = self.day.isoformat()
        for part, word in PAGES.items():
            if self.parts[part].page > 1:
                chosen[word] = str(self.parts[part].page)
        return chosen

    def parameters_of(self, day: date) -> dict[str, str]:
        """Give the address's query that shows another day."""
        return {"jour": day.isoformat()}

    def leafed(self, part: Part, page: int) -> dict[str, str]:
        """Give the address's query that shows another page of a list."""
        others = {k: v for k, v in self.parameters.items() if k != PAGES[part]}
        return others | ({PAGES[part]: str(page)} if page > 1 else {})

    @property
    def rows(self) -> list[Row]:
        """List the rows that the page shows."""
        return [row for part in self.parts.values() for row in part.rows]

    @property
    def yesterday(self) -> date:
        """Give the day before the one shown."""
        return self.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        """Give the day after the one shown."""
        return self.day + timedelta(days=1)


blueprint.before_request(gate(Right.DESK, parts=PARTS_OF_A_PAGE))


@blueprint.get("")
def show() -> str | Response:
    """Show the form and the day's list; first of all, of several relays one is chosen."""
    if not current_user.has_chosen_relay:
        return redirect(url_for("own_relays.show"), 303)
    begin_page()
    kept = take_kept_form(current_user.id)
    with services().database.read() as session:
        view = desk_view(session)
        form = BookingForm(formdata=kept)
        form.offer(choices_for(session, view.viewer))
        if form.relay.data is None and view.relay is not None:
            form.relay.data = view.relay.slug
        slots = slots_for(session, form, view.viewer)
    if not form.submission.data:
        form.submission.data = secrets.token_urlsafe(16)
    if not form.day.data:
        form.day.data = max(view.day, view.today).isoformat()
    return render_desk(view, form, slots, was_kept=kept is not None)


@blueprint.get("/creneaux")
def show_slots() -> str:
    """Show the free slots for what is chosen: the part of the form that hours.js puts in."""
    form = BookingForm(formdata=request.args, meta={"csrf": False})
    with services().database.read() as session:
        form.offer(choices_for(session, signed_in(Right.DESK)))
        slots = slots_for(session, form, signed_in(Right.DESK))
    parts = (
        "secretary/booking/_slots.html",
        "secretary/booking/_papers.html",
        "secretary/booking/_now.html",
    )
    return "".join(render_template(part, form=form, slots=slots) for part in parts)


@blueprint.get("/rendez-vous")
def show_after_refusal() -> Response:
    """Lead back to the desk from the address that a refused form leaves in the browser."""
    shown: dict[str, Any] = {}
    if "jour" in request.args:
        shown["jour"] = request.args["jour"]
    return redirect(url_for("desk.show", **shown), 303)


@blueprint.post("/rendez-vous")
def book() -> Response | str | tuple[str, int]:
    """Book what the form asks for; on an error the page comes back as it was typed.

    The form's other buttons look for free slots, or put the resident on the waiting list.
    """
    now = services().now()
    asking = signed_in(Right.DESK)
    # The token was checked before this view, and pages ask for a new one by themselves.
    form = BookingForm(meta={"csrf": False})
    with services().database.read() as session:
        places = asking.relay_choices(session)
        form.offer(choices_among(session, places))
        zones = {each.slug: each.time_zone for each in places}
        zone = ZoneInfo(zones.get(form.relay.data) or usual_time_zone(session))
    if "look" in request.form:
        return looked(form)
    if "wait" in request.form:
        wish = submit_wish(form, asking, zone, now)
        if wish.outcome is not None:
            return refused(form, wish.outcome)
        flash(wish.message, "success")
        return redirect(url_for("desk.show"), 303)
    form.take_proposal()
    outcome = submit_booking(form, asking, zone, now)
    if outcome.appointment_id is None:
        return refused(form, outcome)
    services().doorbell.ring()
    flash(str(outcome.message), "success")
    day = local_day(outcome.starts_at, zone)
    chosen: dict[str, Any] = {}
    if day != local_day(now, zone):
        chosen["jour"] = day.isoformat()
    anchor = f"rendez-vous-{outcome.appointment_id}"
    return redirect(url_for("desk.show", _anchor=anchor, **chosen), 303)


def looked(form: BookingForm) -> str:
    """Show the page again with the free slots; what was chosen stays chosen."""
    begin_page()
    with services().database.read() as session:
        view = desk_view(session)
        slots = slots_for(session, form, view.viewer)
    if form.subject is None:
        form.organisation.errors = [gettext("Choisissez d'abord un motif.")]
    return render_desk(view, form, slots)


def refused(form: BookingForm, outcome: BookingOutcome) -> tuple[str, int]:
    """Show the page again with what was typed and what is wrong with it."""
    begin_page()
    with services().database.read() as session:
        view = desk_view(session)
        slots = slots_for(session, form, view.viewer)
    page = render_desk(view, form, slots, outcome=outcome)
    return page, outcome.status


def slots_for(session: Session, form: BookingForm, asking: Person) -> FreeSlots:
    """Look for free slots for what the form has chosen so far."""
    relays = {each.slug: each for each in asking.relays(session)}
    relay = relays.get(form.relay.data or "")
    now = services().now()
    return free_slots(session, form.subject, relay, now, form.interpreter_id)


def desk_view(session: Session) -> DeskView:
    """Read what the address asks to see; an unknown relay or day is not found (404)."""
    looking = signed_in(Right.DESK)
    now = services().now()
    asked = asked_day(session, looking, now)
    rows = rows_of_day(session, looking, asked.day, asked.relay, now)
    to_come = [row for row in rows if not row.is_over]
    expected = {row.organisation_id for row in to_come}
    expected |= {row.interpreter_id for row in to_come if row.interpreter_id}
    readiness = readiness_view(
        session,
        [asked.relay] if asked.relay else asked.relays,
        expected,
        now,
        services().settings.calls_at_once,
    )
    parts = parts_of_day(rows)
    return DeskView(
        looking,
        asked.relays,
        asked.relay,
        asked.day,
        asked.today,
        parts,
        readiness,
        restricted_of_day(session, looking, asked.day),
    )


def readiness_of_day(session: Session, view: DeskView) -> ReadinessView:
    """Read the readiness of a view that holds only some of the day's rows."""
    now = services().now()
    expected = organisations_of_day(session, view.viewer, view.day, view.relay, now)
    relays = [view.relay] if view.relay else view.relays
    return readiness_view(session, relays, expected, now)


def choices_for(session: Session, asking: Person) -> Choices:
    """List the reasons, organisations and relays that this person may choose."""
    return choices_among(session, asking.relay_choices(session))


def choices_among(session: Session, places: list[RelayChoice]) -> Choices:
    """List the reasons and organisations, and these relays."""
    organisations = organisations_there_are(session)
    return Choices(
        subjects=subjects_of(session, organisations),
        relays=[(each.slug, each.name) for each in places],
        interpreters=interpreters_offered(organisations),
    )


def render_desk(
    view: DeskView,
    form: BookingForm,
    slots: FreeSlots,
    *,
    outcome: BookingOutcome | None = None,
    was_kept: bool = False,
) -> str:
    """Write the whole page."""
    return render_template(
        "secretary/desk/desk.html",
        view=view,
        form=form,
        slots=slots,
        outcome=outcome,
        offers=offers_of(view),
        doubtful=doubtful_of(view),
        disuse=disuse_of(view),
        was_kept=was_kept,
        undo=session_cookie.pop(UNDO, None),
        last_event=last_change(),
        title=gettext("Bureau des rendez-vous"),
    )


def offers_of(view: DeskView) -> list[Offer]:
    """Look for slots for those who wait at the relays that the page shows."""
    relays = [view.relay] if view.relay else view.relays
    with services().database.read() as session:
        return offers_at(session, [each.id for each in relays], services().now())


def disuse_of(view: DeskView) -> list[AlertLine]:
    """List what is there at the page's relays and is not used."""
    relays = [view.relay] if view.relay else view.relays
    with services().database.read() as session:
        return alert_lines(session, disuse_at_relays(session, relays))


def doubtful_of(view: DeskView) -> list[DoubtfulAppointment]:
    """List those to come, of any day, whose interpreter is not certain."""
    with services().database.read() as session:
        return doubtful_to_come(session, view.viewer, services().now())
