# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Other people's systems: a portal, two departments, a municipal platform. They know the hub by its address only.

Nothing in here imports anything of the hub: only aiohttp, orjson, the standard library, and one another.

    fate        what becomes of a case: decided by seed and number, the same for everybody who asks
    papers      what stands in a message
    mistakes    what a sender gets wrong on purpose, and which refusal it expects
    ledger      an own append-only book of what was sent and what took effect
    calling     the way to the hub: send until answered, upload, fetch
    inbox       what arrives takes effect once, whatever comes again
    reception   the HTTP server that pushes arrive at
    temper      when a department's server is slow, busy or gone
    collecting  how a department that can only call out fetches and acknowledges
    actor       plays a system's part in every case
    hall        has applicants told, documents sealed and licences sent, and writes down what came of it
    services    what the hall asks for, case by case
    documents   the PDFs and OFDs that are sealed
    counting    how a province counts a day for reconciling
    __main__    one process
"""
