# SPDX-License-Identifier: AGPL-3.0-or-later
"""The outer page of a counsellor's desk.

It stays as it is for as long as a call lasts: what is done meanwhile happens in its frame,
where the counsellor's other pages are as they are without it.
"""

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext

from booking_web.domain.rights.browser_telephones import call_of_own_telephone
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.duty_line import duty_line
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.shell.site.security_headers import WITH_CALL, WITH_OWN_MEDIA
from provisioning.database.models import InterpreterKind

blueprint = Blueprint("call_desk", __name__, url_prefix="/bureau/appels")
blueprint.before_request(
    gate(
        Right.TELEPHONE,
        home="call_desk.show",
        parts=("call_desk.keep_still", "call_desk.undo_still"),
    )
)


@blueprint.get("")
def show() -> Response:
    """Show the desk; its scripts ask for the telephone once its counsellor takes calls."""
    begin_page()
    viewer = signed_in(Right.TELEPHONE)
    with services().database.read() as session:
        duty = duty_line(session, viewer, services().now())
        interprets = viewer.organisation(session).interprets
        own_call = call_of_own_telephone(session, viewer.user_id)
    page = render_template(
        "counsellor/desk.html",
        duty=duty,
        own_call=own_call,
        writes=interprets == InterpreterKind.TYPED,
        duty_back=url_for("call_desk.show"),
        last_event=last_change(),
        title=gettext("Mon bureau"),
    )
    return make_response(
        page,
        {
            "Content-Security-Policy": WITH_CALL,
            "Permissions-Policy": WITH_OWN_MEDIA,
        },
    )
