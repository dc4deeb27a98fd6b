# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue (事项目录): what comes down from the province, compared, kept by version, and told on when it changed.

timetable    which run an item belongs to, and what is late
editions     an item as it came, and what it is beside the newest known
taking_in    from the inbox into the catalogue, and every change on to the path
standing     what a hub knows of all this, for health and metrics
snapshot     the whole catalogue in pages, with a digest
"""
