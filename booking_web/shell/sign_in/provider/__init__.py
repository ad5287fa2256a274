# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-in by an identity provider: OpenID Connect, by the rules of ProConnect."""
