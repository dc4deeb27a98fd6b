# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Field maps and code maps: data files that say how one system writes what a contract says."""
