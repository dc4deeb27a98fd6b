# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence that stands without the hub: the log's tree, signed notes, the container, and who verifies it offline. 证据

The hub makes with these modules what a stranger verifies with them. Nothing here asks a network or a database.
"""
