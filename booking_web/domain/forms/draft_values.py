# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which values a field of a draft takes; pure.

What is merely too long for its box is kept: the engine tells it, and nothing is lost.
"""

from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.errors import ValueRefusal, ValueRefused

LONGEST = 10_000
_CHOSEN = frozenset({FieldKind.BOX, FieldKind.RADIO, FieldKind.CHOICE})


def check_value(field: Field, value: str) -> None:
    """Raise ValueRefused unless the field may hold it; empty empties any field."""
    if field.is_read_only or field.kind is FieldKind.SIGNATURE:
        raise ValueRefused(ValueRefusal.NOT_FILLED_IN, field.key)
    if len(value) > LONGEST:
        raise ValueRefused(ValueRefusal.TOO_LONG, field.key)
    # Half a character, or the end of a text: neither can be stored everywhere.
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
        raise ValueRefused(ValueRefusal.NO_TEXT, field.key)
    if not value or field.kind not in _CHOSEN or field.is_editable:
        return
    if not field.options and field.kind is FieldKind.CHOICE:
        return
    if value not in {each.value for each in field.options}:
        raise ValueRefused(ValueRefusal.NO_SUCH_CHOICE, field.key)
