# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may be rung: wishes are carried out, and what Asterisk holds is written down."""
