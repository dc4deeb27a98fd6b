# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Other people's databases, for the kinds of connector that reach one. No kind itself: it imports none of them.

SQLAlchemy's Core stands behind it, and nobody else in the house imports it: reflection, quoting, row limits and types by
dialect are what makes one connector work on PostgreSQL, MySQL, MariaDB, Oracle and 达梦. Its ORM is not used. The drivers are
asyncpg and asyncmy, each the fastest for asyncio; a deployment that needs another database installs that one's dialect.

address      the settings that say which database, and as whom
database     a pool of connections; one transaction at a time on each, with a deadline that holds
trouble      what a database's complaint means
cells        a text as a column takes it, and back
tables       the tables as they are there
rows         the statements on tables
reading      a statement of the settings, with values from outside
"""
