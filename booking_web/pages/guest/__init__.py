# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a guest: somebody without an account whom a counsellor lets join a call."""
