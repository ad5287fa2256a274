# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager's pages of the organisation's library of forms."""
