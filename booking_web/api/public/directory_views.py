# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be booked: organisations, their reasons, relays."""

from flask import abort

from booking_web.api.public.access import organisations, relays
from booking_web.api.public.blueprint import blueprint, told
from booking_web.api.public.schemas import (
    InterpreterSchema,
    OrganisationSchema,
    ReasonSchema,
    RelaySchema,
)
from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.shell.services import services
from provisioning.database.models import Organisation, Relay, VisitReason


@blueprint.get("/organisations")
@told()
@blueprint.response(200, OrganisationSchema(many=True))
def list_organisations() -> list[Organisation]:
    """List the organisations that this client may book for."""
    with services().database.read() as session:
        return organisations(session)


@blueprint.get("/interpreters")
@told()
@blueprint.response(200, InterpreterSchema(many=True))
def list_interpreters() -> list[Organisation]:
    """List the services of interpreters that an appointment may be booked with."""
    with services().database.read() as session:
        return list(interpreting_organisations(session))


@blueprint.get("/organisations/<slug>/reasons")
@told()
@blueprint.response(200, ReasonSchema(many=True))
def list_reasons(slug: str) -> list[VisitReason]:
    """List why residents come to this organisation."""
    with services().database.read() as session:
        for organisation in organisations(session):
            if organisation.slug == slug:
                return list(organisation.visit_reasons)
    abort(404)


@blueprint.get("/relays")
@told()
@blueprint.response(200, RelaySchema(many=True))
def list_relays() -> list[Relay]:
    """List the relays that this client may book at."""
    with services().database.read() as session:
        return relays(session)
