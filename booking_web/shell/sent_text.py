# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a browser sends as text, without the one character that no text of ours may hold."""

from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict


class SentText(ImmutableMultiDict[str, str]):
    """The fields of a form or an address; PostgreSQL keeps no NUL, and nobody types one."""

    def __init__(self, mapping: MultiDict[str, str] | Iterable[Any] | None = None):
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(name, _plain(value)) for name, value in pairs])


def _plain(value: Any) -> Any:
    """Give a text without it, and the files that come in the same way as they are."""
    return value.replace("\0", "") if isinstance(value, str) else value


class TextRequest(Request):
    """A request whose fields are `SentText`."""

    parameter_storage_class = SentText
