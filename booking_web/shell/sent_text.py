# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a browser sends: text without the one character that no text of ours may hold, and files
that never meet the disk as they are."""

from collections.abc import Iterable
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from booking_web.base.own_process import memory_file


class SentText(ImmutableMultiDict[str, str]):
    """The fields of a form or an address; PostgreSQL keeps no NUL, and nobody types one."""

    def __init__(self, mapping: MultiDict[str, str] | Iterable[Any] | None = None):
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(name, _plain(value)) for name, value in pairs])


def _plain(value: Any) -> Any:
    """Give a text without it, and the files that come in the same way as they are."""
    return value.replace("\0", "") if isinstance(value, str) else value


class TextRequest(Request):
    """A request whose fields are `SentText`, and whose files lie in memory.

    Werkzeug keeps a large one in a temporary file; how large it may be is asked before.
    """

    parameter_storage_class = SentText

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return memory_file("upload")
