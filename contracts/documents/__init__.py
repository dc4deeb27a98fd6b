# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Generated pages: what the code says of contracts, of the systems they serve, and of problem codes.

A page is a value (:mod:`contracts.documents.page`). It becomes Markdown in ``docs`` (``python -m contracts.documents``) and
HTML in a running hub.
"""
