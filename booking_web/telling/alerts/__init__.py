# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells who repairs that an alert began or is over: by e-mail, by a webhook."""
