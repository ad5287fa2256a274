# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether an address that came with a request leads to a page of this site."""


def is_own_path(wanted: str) -> bool:
    r"""Tell whether a browser that is sent there stays on this site.

    Browsers drop tabs and ends of lines wherever they stand in an address, and read a
    backslash as a slash (WHATWG URL, 4.4), so that "/<tab>/elsewhere" is another site's: such
    characters stand in no address of ours.
    """
    return (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and wanted.isprintable()
        and "\\" not in wanted
    )
