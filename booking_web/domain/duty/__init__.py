# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who of the counsellors may be rung now: what a page asks for, and what Asterisk holds."""
