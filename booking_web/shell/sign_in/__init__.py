# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is signed in: passwords, one-time links, sessions, and who guesses."""
