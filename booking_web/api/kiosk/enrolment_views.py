# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine becomes a kiosk: it asks whom to trust, then brings its code, once.

Nobody has a token yet: the code is what opens these two, and what they give.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import structlog
from flask_babel import gettext

from booking_web.api.json_bodies import JsonBlueprint
from booking_web.api.kiosk.blueprint import PREFIX
from booking_web.api.kiosk.enrolment_guesses import counted_guess
from booking_web.api.kiosk.enrolment_schemas import (
    AuthoritySchema,
    BroughtCodeSchema,
    EnrolmentSchema,
)
from booking_web.api.problems import (
    MEDIA_TYPE,
    Problem,
    ProblemSchema,
    tell_problems,
)
from booking_web.shell.kiosk_site import NotSetUp, enrolment_of_site
from booking_web.shell.services import services
from provisioning.bundles.bundle import Document
from provisioning.bundles.enrolment_file import authority_at
from provisioning.directory.enrolment import (
    CodeOver,
    CodeUnknown,
    Machine,
    waiting_enrolment,
)
from provisioning.directory.enrolment_codes import normalised_id, proof_of
from provisioning.directory.errors import DirectoryError
from provisioning.directory.machine_access import MachineAccess

logger = structlog.get_logger(__name__)

blueprint = JsonBlueprint(
    "machine_enrolment",
    __name__,
    url_prefix=f"{PREFIX}/enrolment",
    description="How a machine becomes a kiosk, by a code.",
)
tell_problems(blueprint)
View = TypeVar("View", bound=Callable[..., Any])
_REFUSALS = {
    400: "What was sent cannot be read.",
    422: "A value is not accepted.",
    404: "There is no such code.",
    410: "The code was used, or is too old.",
    429: "Too many wrong codes: wait ten minutes.",
    503: "The site is not set up, or is busy.",
}


def refused(view: View) -> View:
    """Describe the problems that a view may answer with."""
    for status, why in _REFUSALS.items():
        view = blueprint.alt_response(
            status, schema=ProblemSchema, content_type=MEDIA_TYPE, description=why
        )(view)
    return view


@blueprint.get("/<string:public_id>")
@blueprint.doc(security=[])
@blueprint.response(200, AuthoritySchema)
@refused
def show_authority(public_id: str) -> dict[str, Any]:
    """Give the authority to trust, and the proof that who made the code named it.

    The proof is HMAC-SHA256 of the authority (nothing, where there is none), whose key is
    HMAC-SHA256 of `guichet enrolment authority` with the code as its key.
    """
    normalised = normalised_id(public_id)
    with counted_guess():
        try:
            if normalised is None:
                raise CodeUnknown
            with services().database.read() as session:
                now = services().now()
                key = waiting_enrolment(session, normalised, now).proof_key
            authority = _authority()
        except DirectoryError as error:
            _refuse(error)
    return {
        "authority": authority,
        "proof": proof_of(key, (authority or "").encode()),
    }


@blueprint.post("")
@blueprint.doc(security=[])
@blueprint.arguments(BroughtCodeSchema)
@blueprint.response(200, EnrolmentSchema)
@refused
def enrol(told: dict[str, Any]) -> Document:
    """Make the machine the kiosk of the code, and shut out who was that kiosk before.

    A code is good once. The same attempt is answered again for ten minutes, with secrets
    that are new again.
    """
    machine = Machine(told["machine"]["id"], told["machine"]["hostname"])
    with counted_guess():
        try:
            write = enrolment_of_site()
            access = MachineAccess(services().database)
            outcome = access.enrol(told["code"], told["attempt"], machine)
        except DirectoryError as error:
            _refuse(error)
    services().doorbell.ring()
    [secret] = outcome.sip_secrets
    return write(secret, outcome.directory)


def _authority() -> str | None:
    file = services().settings.web_ca_file
    if file is None:
        return None
    try:
        return authority_at(Path(file))
    except DirectoryError as error:
        raise NotSetUp(str(error)) from error


def _refuse(error: DirectoryError) -> NoReturn:
    """End the request with the problem that this is."""
    match error:
        case CodeUnknown():
            title = gettext("Ce code n'existe pas. Vérifiez-le lettre par lettre.")
            raise Problem(404, "code-unknown", title) from error
        case CodeOver():
            title = gettext(
                "Ce code a servi, ou il est trop vieux. Demandez-en un autre."
            )
            raise Problem(410, "code-over", title) from error
        case NotSetUp():
            logger.error("kiosks cannot be enrolled", error=str(error))
            title = gettext("Le serveur n'est pas réglé pour rattacher des bornes.")
            raise Problem(503, "not-set-up", title) from error
        case _:
            logger.warning("enrolment put off", error=str(error))
            raise Problem(503, "busy", gettext("Réessayez dans un instant.")) from error
