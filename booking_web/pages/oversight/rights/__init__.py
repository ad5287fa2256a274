# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rights of residents, as the data protection officer answers them."""
