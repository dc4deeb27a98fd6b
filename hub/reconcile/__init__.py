# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling (对账) with counterparties, day by day.

agreement    what was agreed with whom, ready for use
counting     a day's messages become lines, buckets and one root
manifest     our tree as a message, theirs as something to be compared
comparison   both held against each other, down to the cases
repush       what could be sent once more, and by which replay
statement    what it came to, signed
scorecard    how departments do over a period
desk         all of it, for the API, the command line and the worker
"""
