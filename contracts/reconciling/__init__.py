# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling (对账) two sides' records of one day: what is compared, how it is summed, and how a difference is found.

    sm3          the one digest of the protocol
    agreed       what the two sides have agreed to compare: from a record to one line
    tree         lines in buckets, buckets in a tree, one root
    declared     the far side's part of the tree, as far as it was told; nothing is believed that contradicts the root
    comparing    two trees: what agrees, what must be asked for, and what of two buckets differs

``docs/reconciliation.md`` says the same for somebody who implements the other side.
"""
