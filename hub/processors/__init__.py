# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Processors: destinations inside the hub. They take messages as any destination does and emit others through ``accept``. 处理器

    processor    the port: pure functions of a process and the time
    kinds        which there are
    intake       the sink of a processor: it begins a process and answers Accepted

The worker (:mod:`hub.workers.processing`) takes the turns. A turn is three commits, each of which a repeat after a crash finds:
the names of what will be emitted; their acceptance, under ids made of process and name, so that a repeat is a duplicate; and
what became known of it. Then the journal is looked at for the fates, and the process has another turn.
"""
