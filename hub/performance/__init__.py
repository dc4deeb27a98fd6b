# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How departments handle their cases (绩效): figures by department and item, drawn from the journal.

    period    days, weeks, months and quarters, and when their figures are drawn
    counting  what one case adds to the figures of a period: pure
    figures   the figures of departments, and the report that tells them
    drawing   the walk through journal and archive: so many rows at a time, then case by case
    overdue   a report that was due and is not sent

Nothing of it is stored: the same period drawn as of the same moment gives the same figures.
"""
