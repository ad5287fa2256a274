# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every page stands in: sign-in, language, headers, errors, forms, services."""
