# SPDX-License-Identifier: AGPL-3.0-or-later
"""Papers that the application makes: each a document once, and printed where there is a call."""
