# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there: what Asterisk tells of phones and queue members."""
