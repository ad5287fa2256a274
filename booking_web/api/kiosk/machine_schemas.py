# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's machine tells over the kiosk API, and what it is asked to do."""

import json
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from booking_web.api.kiosk.enrolment_schemas import RepositorySchema
from booking_web.api.kiosk.schemas import CODE, Free, FreeDetails, Instant, Told, Words
from booking_web.tables.fleet import (
    ADDRESS_LENGTH,
    VERSION_LENGTH,
    CheckState,
    OrderKind,
    TestReason,
    UpdateState,
)

MACHINE_ID = [validate.Regexp(r"^[0-9a-f]{64}$"), validate.Length(equal=64)]
BYTES = validate.Range(0, 2**62)
# A machine has some hundred packages and a handful of screens.
MOST_PACKAGES = 5000
MOST_SCREENS = 16
SCREENS_AT_MOST = 8000
MOST_CHECKS = 30
_VERSION: Any = {"validate": validate.Length(max=VERSION_LENGTH)}
ORDER_ID = validate.Range(1, 2**31 - 1)


def _short_enough(value: Any) -> None:
    if len(json.dumps(value)) > SCREENS_AT_MOST:
        raise ValidationError("more is told of the screens than is kept")


class ToldUpdate(StrEnum):
    """How a kiosk says that its last update ended; `none`: it never tried any."""

    NONE = "none"
    DONE = UpdateState.DONE.value
    ROLLED_BACK = UpdateState.ROLLED_BACK.value
    FAILED = UpdateState.FAILED.value


class UpdateSchema(Told):
    """The last update that the kiosk tried; versions are those of its package."""

    state = fields.Enum(ToldUpdate, by_value=True, required=True)
    from_version = Words(data_key="from", load_default="", allow_none=True, **_VERSION)
    to_version = Words(data_key="to", load_default="", allow_none=True, **_VERSION)
    at = Instant(load_default=None, allow_none=True)
    cause = fields.String(load_default=None, allow_none=True, validate=CODE)


class SecurityListsSchema(Told):
    """The lists of Debian's security updates that the kiosk's apt has read."""

    signed_at = Instant(required=True, allow_none=True)


class MachineSchema(Told):
    """How a kiosk's machine is."""

    version = Words(required=True, validate=validate.Length(1, VERSION_LENGTH))
    machine_id = fields.String(required=True, validate=MACHINE_ID)
    clock = Instant(load_default=None, allow_none=True)
    booted_at = Instant(load_default=None, allow_none=True)
    address = Words(load_default="", validate=validate.Length(max=ADDRESS_LENGTH))
    disk_free_bytes = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=BYTES
    )
    disk_bytes = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=BYTES
    )
    certificate_ends = Instant(load_default=None, allow_none=True)
    packages = fields.Dict(
        keys=Words(validate=validate.Length(max=100)),
        values=Words(validate=validate.Length(max=100)),
        load_default=dict,
        validate=validate.Length(max=MOST_PACKAGES),
    )
    screens = fields.List(
        Free(),
        load_default=list,
        validate=[validate.Length(max=MOST_SCREENS), _short_enough],
    )
    # None: a kiosk of a former version, which does not tell.
    security_lists = fields.Nested(
        SecurityListsSchema, load_default=None, allow_none=True
    )
    update = fields.Nested(UpdateSchema, load_default=None, allow_none=True)


class OrderSchema(Schema):
    """Something that the kiosk's machine is asked to do."""

    id = fields.Integer(required=True)
    kind = fields.Enum(OrderKind, by_value=True, required=True)


class OrdersSchema(Schema):
    """What the machine is asked to do now, when it is to report again, whence it is updated."""

    orders = fields.List(fields.Nested(OrderSchema), required=True)
    report_seconds = fields.Integer(required=True)
    # How long nobody is expected at the kiosk; 0 while somebody is.
    free_seconds = fields.Integer(required=True)
    repository = fields.Nested(RepositorySchema, required=True, allow_none=True)


class CheckSchema(Told):
    """One check of a self-test; a newer kiosk may make checks that we do not know."""

    name = fields.String(required=True, validate=[*CODE, validate.Length(min=1)])
    state = fields.Enum(CheckState, by_value=True, required=True)
    cause = fields.String(load_default=None, allow_none=True, validate=CODE)
    details = FreeDetails(keys=fields.String(), load_default=dict, allow_none=True)


class SelfTestSchema(Told):
    """What a kiosk's self-test found."""

    at = Instant(load_default=None, allow_none=True)
    version = Words(required=True, validate=validate.Length(1, VERSION_LENGTH))
    reason = fields.Enum(TestReason, by_value=True, required=True)
    order = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ORDER_ID
    )
    checks = fields.List(
        fields.Nested(CheckSchema),
        required=True,
        validate=validate.Length(1, MOST_CHECKS),
    )
