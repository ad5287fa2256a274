# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a secretary of several relays says for which one she works in this browser."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.own_relays import relays_of, work_for
from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in

blueprint = Blueprint("own_relays", __name__, url_prefix="/mes-relais")
blueprint.before_request(gate(Right.DESK, "own_relays.show"))


@blueprint.get("")
def show() -> str:
    """Show her relays, and for which one she works now."""
    person = signed_in(Right.DESK)
    with services().database.read() as session:
        relays = relays_of(session, person.user_id)
    return render_template(
        "secretary/own_relays.html",
        title=gettext("Pour quel relais travaillez-vous ?"),
        relays=relays,
        here=person.relay_id,
    )


@blueprint.post("")
def choose() -> Response:
    """Work for this one from now on, in this browser."""
    person, key = signed_in(Right.DESK), current_user.key
    slug = request.form.get("relais", "")
    done = in_transaction(
        services().database,
        lambda session: work_for(session, key, person.user_id, slug),
    )
    if not done:
        flash(gettext("Choisissez un relais dans la liste."), "warning")
        return redirect(url_for("own_relays.show"), 303)
    services().doorbell.ring()
    return redirect(url_for("desk.show"), 303)
