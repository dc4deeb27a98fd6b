# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Personal data: by which keys it is sealed, how it is found, and how it is erased."""
