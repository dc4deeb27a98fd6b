# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""XML: read in one hardened place, written exactly, and every contract's own form of it with its schema."""
