# SPDX-License-Identifier: AGPL-3.0-or-later
"""The morning's look at a relay's kiosks: five steps, two minutes, kept with who and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from booking_web.base.local_time import local_day
from booking_web.domain.fleet.opening_checks import (
    checks_on,
    note_check,
    take_back_check,
)
from booking_web.domain.fleet.orders import ask_kiosk
from booking_web.domain.fleet.self_tests import checks_of, latest_self_tests
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.rows.kiosk_readiness import ReadyLine, kiosk_lines, kiosk_name
from booking_web.pages.rows.readiness import presence_now
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.fleet import CheckState, OrderKind, SelfTest
from booking_web.tables.opening_checks import Found, OpeningCheck, Step
from booking_web.words.dates import clock, moment
from booking_web.words.opening import STEPS, StepWords
from booking_web.words.self_tests import STATES, cause_for_secretary, name_of
from provisioning.database.models import Kiosk

UNDO = "undo"
# Of what a kiosk checks by itself, what a person would see or hear.
SHOWN_CHECKS = ("camera", "sound", "screens", "printer", "scanner")

blueprint = Blueprint("opening", __name__, url_prefix="/bureau/ouverture")
blueprint.before_request(gate(Right.DESK, "opening.show", parts=("opening.changes",)))


@dataclass(frozen=True)
class TestLine:
    """One check of the kiosk's last self-test."""

    name: str
    state: str
    has_failed: bool
    said: str


@dataclass(frozen=True)
class StepShown:
    """A step: what to look at, and what was found today."""

    step: Step
    words: StepWords
    # None: nobody looked today.
    found: Found | None
    # By whom, and at what hour.
    noted: str


@dataclass(frozen=True)
class KioskShown:
    """A kiosk, how it is now, and its steps."""

    id: int
    name: str
    ready: ReadyLine
    # When it last tested itself; empty: never.
    tested: str
    tests: tuple[TestLine, ...]
    steps: tuple[StepShown, ...]

    @property
    def done(self) -> int:
        """Count the steps that were looked at today."""
        return sum(each.found is not None for each in self.steps)

    @property
    def problems(self) -> int:
        """Count those where something is wrong."""
        return sum(each.found is Found.PROBLEM for each in self.steps)


@blueprint.get("")
def show() -> str:
    """Show the kiosks of the relay, each with its steps."""
    begin_page()
    return render_template(
        "secretary/opening/opening.html",
        title=gettext("Ouverture du matin"),
        last_event=last_change(),
        kiosks=_kiosks(),
    )


@blueprint.get("/changements")
def changes() -> Response:
    """Give what an open page does not show yet."""
    update = PageUpdate()
    for kiosk in _kiosks():
        template = "secretary/opening/_kiosk.html"
        update.part(f"kiosk-{kiosk.id}", kiosk, template, kiosk=kiosk)
    return update.response()


@blueprint.post("/<int:kiosk_id>/<step>")
def note(kiosk_id: int, step: str) -> Redirect:
    """Note what was found at a step, or take the note back."""
    acting, now = signed_in(Right.DESK), services().now()
    with services().database.read() as session:
        zone = ZoneInfo(_kiosk_of(session, acting, kiosk_id).relay.time_zone)
    if step not in set(Step):
        abort(404)
    found = request.form.get("found", "")
    if found not in {UNDO, *Found}:
        abort(400)
    looked_at, day = Step(step), local_day(now, zone)

    def work(session: Session) -> None:
        if found == UNDO:
            take_back_check(session, kiosk_id, looked_at, day=day, now=now)
            return
        note_check(
            session,
            kiosk_id,
            looked_at,
            Found(found),
            day=day,
            user_id=acting.user_id,
            now=now,
        )

    carry_out(work)
    return redirect(url_for("opening.show", _anchor=f"etape-{kiosk_id}-{step}"), 303)


@blueprint.post("/<int:kiosk_id>/auto-test")
def test_kiosk(kiosk_id: int) -> Redirect:
    """Ask the kiosk to test itself; what it finds comes by itself."""
    acting, now = signed_in(Right.DESK), services().now()

    def work(session: Session) -> None:
        _kiosk_of(session, acting, kiosk_id)
        ask_kiosk(session, kiosk_id, OrderKind.SELF_TEST, acting.actor, now)

    if carry_out(work) is not None:
        said = gettext("La borne se vérifie. Le résultat s'affiche d'ici deux minutes.")
        flash(said, "success")
    anchor = f"etape-{kiosk_id}-{Step.DEVICES}"
    return redirect(url_for("opening.show", _anchor=anchor), 303)


def _kiosk_of(session: Session, acting: Person, kiosk_id: int) -> Kiosk:
    """Give a kiosk of who asks; another relay's is not found (404)."""
    kiosk = session.get(Kiosk, kiosk_id)
    if kiosk is None or kiosk.relay not in acting.relays(session):
        abort(404)
    return kiosk


def _kiosks() -> list[KioskShown]:
    acting, now = signed_in(Right.DESK), services().now()
    with services().database.read() as session:
        kiosks = [each for relay in acting.relays(session) for each in relay.kiosks]
        lines = kiosk_lines(session, kiosks, presence_now(session, now), now)
        tests = latest_self_tests(session, [each.id for each in kiosks])
        return [
            _shown(session, kiosk, line, tests.get(kiosk.id), now)
            for kiosk, line in zip(kiosks, lines, strict=True)
        ]


def _shown(
    session: Session,
    kiosk: Kiosk,
    line: ReadyLine,
    test: SelfTest | None,
    now: datetime,
) -> KioskShown:
    zone = ZoneInfo(kiosk.relay.time_zone)
    noted = checks_on(session, kiosk.id, local_day(now, zone))
    return KioskShown(
        id=kiosk.id,
        name=kiosk_name(kiosk),
        ready=line,
        tested=moment(test.heard_at, zone, now) if test is not None else "",
        tests=tuple(_tests(test)) if test is not None else (),
        steps=tuple(_step(step, noted.get(step), zone) for step in Step),
    )


def _step(step: Step, row: OpeningCheck | None, zone: ZoneInfo) -> StepShown:
    if row is None:
        return StepShown(step, STEPS[step], None, "")
    who: Any = row.checked_by
    name = who.name if who is not None else gettext("compte supprimé")
    noted = gettext("%(name)s, à %(hour)s", name=name, hour=clock(row.checked_at, zone))
    return StepShown(step, STEPS[step], Found(row.found), noted)


def _tests(test: SelfTest) -> list[TestLine]:
    return [
        TestLine(
            name_of(each.name),
            str(STATES[each.state]),
            each.has_failed,
            cause_for_secretary(each.name, each.cause) if each.has_failed else "",
        )
        for each in checks_of(test)
        if each.name in SHOWN_CHECKS and each.state is not CheckState.ABSENT
    ]
