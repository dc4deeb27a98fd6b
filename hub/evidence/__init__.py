# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence (存证) at the hub: keys, the checkpoint kept outside of the database, checking the log, exporting a case."""
