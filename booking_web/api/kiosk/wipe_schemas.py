# SPDX-License-Identifier: AGPL-3.0-or-later
"""The proof of a wipe over the kiosk API, field by field."""

from marshmallow import fields, validate

from booking_web.api.kiosk.schemas import Told
from booking_web.tables.wipes import WipePart


class WipedSchema(Told):
    """Nothing of the appointment is left at the kiosk."""

    files = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 2**31 - 1)
    )
    bytes = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 2**53)
    )
    at = fields.AwareDateTime(required=True)
    # Each part that was looked at and found empty, and how much had been there.
    looked_at = fields.Dict(
        keys=fields.Enum(WipePart, by_value=True),
        values=fields.Integer(strict=True, validate=validate.Range(0, 2**31 - 1)),
        load_default=dict,
    )
    # A proof that waited for the line, of the call before: something is left there again.
    is_called_again = fields.Boolean(load_default=False)
