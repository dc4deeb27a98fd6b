# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark: the real path under load, with the machine's own limits measured beside it in the same run.

rig      starts the hub, the far side and the load as processes of their own
payload  what is sent
load     the load generator: closed loop to saturate, open loop for latencies
sink     the trivial far side
limits   what the parts can do alone
report   the table
"""
