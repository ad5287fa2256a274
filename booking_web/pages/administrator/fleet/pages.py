# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fleet's pages: the list of all machines, and the page of each."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.published_rings import site_rings
from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.domain.fleet.machines_now import kiosk_machine
from booking_web.pages.administrator.entries.listing import Shown, show
from booking_web.pages.administrator.fleet.machine_view import (
    KioskView,
    kiosk_view,
    node_facts,
)
from booking_web.pages.administrator.fleet.openings import opening_lines
from booking_web.pages.administrator.fleet.rings_view import ring_lines
from booking_web.pages.administrator.fleet.table import fleet_table
from booking_web.pages.administrator.gate import blueprint
from booking_web.pages.rows.alert_lines import alert_lines
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.tables.fleet import NodeReport
from provisioning.directory.usual_time_zone import usual_time_zone


@blueprint.get("/parc")
def fleet() -> str:
    """List every machine, as the address narrows and sorts them."""
    begin_page()
    with services().database.read() as session:
        shown = fleet_shown(session, services().now(), request.args)
        alerts = alert_lines(session, raised_alerts(session))
        openings = opening_lines(session)
        rings = _ring_lines(session)
    return render_template(
        "administrator/fleet.html",
        last_event=last_change(),
        alerts=alerts,
        openings=openings,
        rings=rings,
        **_list(shown),
    )


@blueprint.get("/parc/changements")
def fleet_changes() -> Response:
    """Give the list where it is not what the page shows."""
    update = PageUpdate()
    with services().database.read() as session:
        shown = fleet_shown(session, services().now(), request.args)
        alerts = alert_lines(session, raised_alerts(session))
        openings = opening_lines(session)
        rings = _ring_lines(session)
    listed = _list(shown)
    template = "administrator/_fleet_alerts.html"
    update.part("alerts", alerts, template, alerts=alerts)
    template = "administrator/_fleet_openings.html"
    update.part("openings", openings, template, openings=openings)
    template = "administrator/_fleet_rings.html"
    update.part("rings", rings, template, rings=rings)
    update.part("fleet", listed["says"], "administrator/_entries.html", **listed)
    return update.response()


@blueprint.get("/parc/bornes/<ref>")
def fleet_kiosk(ref: str) -> str:
    """Show all that is known of a kiosk's machine."""
    begin_page()
    return render_template(
        "administrator/fleet_kiosk.html",
        title=ref,
        last_event=last_change(),
        **_kiosk(ref),
    )


@blueprint.get("/parc/bornes/<ref>/changements")
def fleet_kiosk_changes(ref: str) -> Response:
    """Give what the page of a kiosk's machine does not show yet."""
    update, shown = PageUpdate(), _kiosk(ref)
    update.part("machine", shown["view"], "administrator/_fleet_kiosk.html", **shown)
    return update.response()


@blueprint.get("/parc/serveur/<ref>")
def fleet_node(ref: str) -> str:
    """Show all that is known of a machine of the server."""
    with services().database.read() as session:
        node = session.get(NodeReport, ref)
        if node is None:
            abort(404)
        zone = ZoneInfo(usual_time_zone(session))
    facts = node_facts(node, zone, services().now())
    return render_template("administrator/fleet_node.html", title=ref, facts=facts)


def fleet_shown(session: Session, now: datetime, asked: Any) -> Shown:
    """Give what of the fleet a page shows."""
    return show(fleet_table(session, site_rings(services().settings), now), asked)


def _ring_lines(session: Session) -> tuple[str, ...]:
    zone = ZoneInfo(usual_time_zone(session))
    return ring_lines(site_rings(services().settings), zone)


def _list(shown: Shown) -> dict[str, Any]:
    return {
        "title": gettext("Parc"),
        "shown": shown,
        # What the list says, by which an open page knows that it says something else.
        "says": ([(row.address, row.cells) for row in shown.rows], dict(shown.counts)),
        "list_endpoint": "administrator.fleet",
        "none_yet": gettext("Aucune machine : ajoutez la première borne."),
    }


def _kiosk(ref: str) -> dict[str, Any]:
    now = services().now()
    with services().database.read() as session:
        machine = kiosk_machine(session, ref, now)
        if machine is None:
            abort(404)
        rings = site_rings(services().settings)
        view: KioskView = kiosk_view(session, machine, rings, now)
    return {"view": view, "ref": ref}
