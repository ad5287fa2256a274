# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's machine tells of itself, its self-tests, and what it is asked to do."""

from typing import Any

from flask import Response, abort, request
from sqlalchemy.orm import Session

from booking_web.api.kiosk.access import this_kiosk
from booking_web.api.kiosk.blueprint import blueprint
from booking_web.api.kiosk.machine_schemas import (
    MachineSchema,
    OrdersSchema,
    SelfTestSchema,
    ToldUpdate,
)
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.free_kiosk import kiosk_is_free_for
from booking_web.domain.fleet.diagnosis import (
    MAX_ARCHIVE_BYTES,
    NoGzip,
    NothingAsked,
    keep_archive,
    wanted_archive,
)
from booking_web.domain.fleet.enrolled_machine import (
    ask_for_wanted_rotation,
    is_enrolled_machine,
)
from booking_web.domain.fleet.machines import (
    REPORT_SECONDS,
    TellsOfMachine,
    take_machine_report,
)
from booking_web.domain.fleet.orders import hand_out
from booking_web.domain.fleet.self_tests import (
    Check,
    TellsOfSelfTest,
    take_self_test,
)
from booking_web.domain.fleet.updates import TellsOfUpdate, take_update
from booking_web.shell.kiosk_site import repository_of_kiosk
from booking_web.shell.services import services
from booking_web.tables.fleet import OrderKind, UpdateState

ARCHIVE_TYPE = "application/gzip"


@blueprint.put("/machine")
@blueprint.arguments(MachineSchema)
@blueprint.response(200, OrdersSchema)
@blueprint.alt_response(409, description="Another machine is this kiosk.")
def report_machine(told: dict[str, Any]) -> dict[str, Any]:
    """Take how the machine is, and give what it is asked to do."""
    kiosk_id, update = this_kiosk().id, _update_of(told.pop("update"))
    security = told.pop("security_lists")
    tells = TellsOfMachine(
        **told,
        tells_security=security is not None,
        security_signed_at=security and security["signed_at"],
    )

    def work(session: Session) -> dict[str, Any] | None:
        now, address = services().now(), request.remote_addr or ""
        if not is_enrolled_machine(session, kiosk_id, tells.machine_id, address, now):
            return None
        take_machine_report(session, kiosk_id, tells, now)
        take_update(session, kiosk_id, update, now)
        ask_for_wanted_rotation(session, kiosk_id, now)
        handed = hand_out(session, kiosk_id, now)
        free_for = kiosk_is_free_for(session, kiosk_id, now)
        return {
            "orders": [
                {"id": each.id, "kind": OrderKind(each.kind)} for each in handed
            ],
            "free_seconds": int(free_for.total_seconds()),
        }

    asked = in_transaction(services().database, work)
    if asked is None:
        abort(409)
    return {
        **asked,
        "report_seconds": REPORT_SECONDS,
        "repository": repository_of_kiosk(this_kiosk().slug),
    }


def _update_of(told: dict[str, Any] | None) -> TellsOfUpdate | None:
    if told is None or told["state"] is ToldUpdate.NONE:
        return None
    return TellsOfUpdate(
        state=UpdateState(told["state"].value),
        from_version=told["from_version"] or "",
        to_version=told["to_version"] or "",
        tried_at=told["at"],
        cause=told["cause"] or "",
    )


@blueprint.put("/self-test")
@blueprint.arguments(SelfTestSchema)
@blueprint.response(204)
def report_self_test(told: dict[str, Any]) -> None:
    """Take what a self-test found."""
    tells = TellsOfSelfTest(
        version=told["version"],
        reason=told["reason"],
        order_id=told["order"],
        checks=[
            Check(
                each["name"], each["state"], each["cause"] or "", each["details"] or {}
            )
            for each in told["checks"]
        ],
    )
    kiosk_id = this_kiosk().id
    in_transaction(
        services().database,
        lambda session: take_self_test(session, kiosk_id, tells, services().now()),
    )


@blueprint.put("/orders/<int:order_id>/result")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {ARCHIVE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
)
@blueprint.response(204)
@blueprint.alt_response(404, description="No such order, or it wants no archive.")
@blueprint.alt_response(413, description="More than 5 MB.")
@blueprint.alt_response(415, description=f"Only {ARCHIVE_TYPE}.")
@blueprint.alt_response(422, description="The content is no gzip.")
def bring_result(order_id: int) -> Response:
    """Take the archive that the kiosk was asked to collect."""
    kiosk_id = this_kiosk().id
    try:
        with services().database.read() as session:
            wanted_archive(session, kiosk_id, order_id)
        if request.mimetype != ARCHIVE_TYPE:
            abort(415)
        request.max_content_length = MAX_ARCHIVE_BYTES
        content = request.get_data(cache=False)
        in_transaction(
            services().database,
            lambda session: keep_archive(
                session, kiosk_id, order_id, content, services().now()
            ),
        )
    except NoGzip:
        abort(422)
    except NothingAsked:
        abort(404)
    return Response(status=204)
