# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said at a command line where the database does not answer."""

from sqlalchemy.exc import DBAPIError


def away_words(error: BaseException) -> str:
    """Give the sentence for an error of the database; empty for any other error."""
    if not isinstance(error, DBAPIError):
        return ""
    return (
        f"the database does not answer: {why_away(error)}\nOn the server, guichet-server check says"
        " what to do. Then run the command again."
    )


def why_away(error: DBAPIError) -> str:
    """Give in one line why; PostgreSQL's client adds questions of its own below."""
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
