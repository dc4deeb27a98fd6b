# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a case, from application to collection, as one table of rules. 办件生命周期

Messages about a case come from many systems and overtake each other, so the state is the set of records that are known,
whatever order they came in: a record that is too early is parked, one that can never be true beside the others is impossible.
"""
