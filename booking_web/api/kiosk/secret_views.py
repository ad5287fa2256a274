# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk takes new secrets by itself, while those that it has are good."""

import structlog
from flask import abort

from booking_web.api.kiosk.access import this_kiosk
from booking_web.api.kiosk.blueprint import blueprint
from booking_web.api.kiosk.enrolment_schemas import EnrolmentSchema
from booking_web.shell.kiosk_site import NotSetUp, enrolment_of_site
from booking_web.shell.services import services
from provisioning.bundles.bundle import Document
from provisioning.directory.errors import DirectoryError
from provisioning.directory.machine_access import MachineAccess

logger = structlog.get_logger(__name__)


@blueprint.post("/secrets")
@blueprint.response(200, EnrolmentSchema)
@blueprint.alt_response(503, description="The site is not set up, or is busy.")
def renew_secrets() -> Document:
    """Give new secrets. The former ones end once a new one was shown, or in seven days.

    Show the new token only when every program of the machine runs with the new bundle.
    """
    try:
        write = enrolment_of_site()
        outcome = MachineAccess(services().database).rotate(this_kiosk().slug)
    except NotSetUp as error:
        logger.error("no new secrets can be given", error=str(error))
        abort(503)
    except DirectoryError as error:
        logger.warning("new secrets put off", error=str(error))
        abort(503)
    [secret] = outcome.sip_secrets
    return write(secret, outcome.directory)
