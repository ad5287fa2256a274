# SPDX-License-Identifier: AGPL-3.0-or-later
"""What kind of paper a document is, as pure data."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """A value of `Document.kind`, never changed once stored; a document may have none."""

    IDENTITY = "identity"
    IDENTITY_FRONT = "identity_front"
    IDENTITY_BACK = "identity_back"
    HEALTH_CARD = "health_card"
    TAX_NOTICE = "tax_notice"
    PROOF_OF_ADDRESS = "proof_of_address"
    BANK_DETAILS = "bank_details"
    PAYSLIP = "payslip"
    CERTIFICATE = "certificate"
    SIGNED_FORM = "signed_form"
    MANDATE = "mandate"
    OTHER = "other"


# Those of which a copy in wrong hands is used to pass for somebody.
IDENTITY_CARDS = frozenset(
    {
        DocumentKind.IDENTITY,
        DocumentKind.IDENTITY_FRONT,
        DocumentKind.IDENTITY_BACK,
    }
)
