# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of a supervision body as data, and which of them a case breaks. The hub carries warnings and orders as they come;
with the same rules it can tell a department beforehand.
"""
