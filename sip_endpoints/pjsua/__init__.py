# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone over pjsua2: the one place that imports it."""
