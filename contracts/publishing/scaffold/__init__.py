# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The files that the conventions ask for, written for a developer who then says what he means in them. Pure: texts by path."""
