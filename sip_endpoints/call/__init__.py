# SPDX-License-Identifier: AGPL-3.0-or-later
"""One call as an endpoint keeps it: the telephone's port, its record, its media. No SIP library."""
