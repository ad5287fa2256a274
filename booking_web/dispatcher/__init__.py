# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one process that speaks to Asterisk: places the calls and follows them."""
