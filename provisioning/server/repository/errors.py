# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can go wrong with the repository, in words for who publishes."""

from provisioning.server.errors import ServerError


class RepositoryError(ServerError):
    """A package cannot be given out, or there is none; the message says what to do."""
