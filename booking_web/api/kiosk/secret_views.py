# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk takes new secrets by itself, while those that it has are good."""

from typing import Any

import structlog
from flask import abort, request
from sqlalchemy.orm import Session

from booking_web.api.kiosk.access import shown_token_digest, this_kiosk
from booking_web.api.kiosk.blueprint import blueprint
from booking_web.api.kiosk.enrolment_schemas import (
    AskingMachineSchema,
    EnrolmentSchema,
)
from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.new_secrets import Asker, Refusal, take_new_secrets
from booking_web.shell.kiosk_site import NotSetUp, enrolment_of_site
from booking_web.shell.services import services
from provisioning.bundles.bundle import Document
from provisioning.directory.service import Outcome

logger = structlog.get_logger(__name__)


@blueprint.post("/secrets")
@blueprint.arguments(AskingMachineSchema)
@blueprint.response(200, EnrolmentSchema)
@blueprint.alt_response(409, description="Another machine is this kiosk.")
@blueprint.alt_response(410, description="No order for it is open, or no more.")
@blueprint.alt_response(503, description="The site is not set up, or is busy.")
def renew_secrets(told: dict[str, Any]) -> Document:
    """Give the new secrets that an open order tells the kiosk to take.

    The former ones end once a new one was shown, or in seven days. Show the new token only
    when every program of the machine runs with the new bundle.
    """
    kiosk_id = this_kiosk().id
    asker = Asker(told["machine_id"], request.remote_addr or "", shown_token_digest())
    try:
        write = enrolment_of_site()
    except NotSetUp as error:
        logger.error("no new secrets can be given", error=str(error))
        abort(503)

    def work(session: Session) -> Outcome | Refusal:
        return take_new_secrets(session, kiosk_id, asker, services().now())

    outcome = in_transaction(services().database, work)
    if isinstance(outcome, Refusal):
        abort(409 if outcome is Refusal.OTHER_MACHINE else 410)
    [secret] = outcome.sip_secrets
    return write(secret, outcome.directory)
