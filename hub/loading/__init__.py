# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The initial load (初始装载) and what is caught up (补报): cases of before, sent by a lane apart from live traffic.

From an export of an old system (:mod:`hub.loading.export`), checked row by row (:mod:`hub.loading.checking`) and sent to a
running hub like anybody's messages (:mod:`hub.loading.sending`); or from the journal itself (:mod:`hub.loading.recorded`).
"""
