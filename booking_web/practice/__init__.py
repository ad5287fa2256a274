# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where people learn the gestures: the same pages on a database of their own, invented.

Each account has a world of its own (`worlds`), served under one prefix by an application of
its own (`gate`, `application`); what Asterisk, the kiosk and the others would do is played
(`partner`). Nothing here opens the site's database but to ask who is signed in. Why:
docs/decisions/0042-practice-is-another-database.md.
"""
