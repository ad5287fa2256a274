# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one database: engine, tables, schema. Knows nothing of the other rooms."""
