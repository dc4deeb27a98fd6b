# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far side of a supervision exchange (绩效监管、电子监察), for rehearsals. It is no kind of connector: ``rest`` carries the
XML binding and ``front_db`` the rows, by configuration alone.
"""
