# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers and their check characters. 标识与编码

One module per identifier: a frozen value, ``parse`` that gives it or says what is odd, and ``warnings`` that says only
what is odd. Real data breaks these identifiers often, so what is odd is a warning until a route says otherwise. No text
ever repeats an identifier: it may be personal.
"""
