# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a public site owes to whoever opens it: accessibility, publisher, personal data."""
