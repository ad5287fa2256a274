# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a site must not lose: kept elsewhere every night, and put back on a bare machine.

The store is restic's: it encrypts, keeps what did not change once, and checks itself. What is
put into it, in which order, and what must be done to an older copy before anybody meets it, is
decided here. Also the way from SQLite to PostgreSQL.
"""
