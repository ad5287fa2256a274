# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes over the kiosk API when a machine becomes a kiosk, or takes new secrets."""

from marshmallow import Schema, fields, validate

from booking_web.api.kiosk.schemas import SHA256, Told, Words

ATTEMPT = [validate.Regexp(r"^[0-9a-f]{32}$"), validate.Length(equal=32)]


class ArrivingMachineSchema(Told):
    """The machine that asks: an identity of its own, and its name among people."""

    id = fields.String(required=True, validate=SHA256)
    hostname = Words(load_default="", validate=validate.Length(max=120))
    version = Words(load_default="", validate=validate.Length(max=40))


class BroughtCodeSchema(Told):
    """A code, and the attempt as which the machine brings it."""

    code = fields.String(required=True, validate=validate.Length(max=60))
    attempt = fields.String(required=True, validate=ATTEMPT)
    machine = fields.Nested(ArrivingMachineSchema, required=True)


class AskingMachineSchema(Told):
    """The machine that asks for new secrets: the identity that it tells in its reports."""

    machine_id = fields.String(required=True, validate=SHA256)


class AuthoritySchema(Schema):
    """Whom to trust (PEM; null: whom every browser trusts), and the proof (hex)."""

    authority = fields.String(required=True, allow_none=True)
    proof = fields.String(required=True)


class AuthoritiesSchema(Schema):
    """The authorities of Asterisk's certificate and of the pages', as PEM."""

    sip = fields.String(required=True)
    web = fields.String(required=True, allow_none=True)


class RepositorySchema(Schema):
    """Where packages come from (an apt repository), and the key of its signature."""

    uri = fields.String(required=True)
    suite = fields.String(required=True)
    key = fields.String(required=True)


class EnrolmentSchema(Schema):
    """All that a machine needs to be its kiosk; `bundle` is what `guichet-kiosk` reads."""

    bundle = fields.Dict(keys=fields.String(), required=True)
    authorities = fields.Nested(AuthoritiesSchema, required=True)
    language = fields.String(required=True)
    repository = fields.Nested(RepositorySchema, required=True, allow_none=True)
