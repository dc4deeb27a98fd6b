# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where it goes and in what shape: pure functions over contracts, without input or output."""
