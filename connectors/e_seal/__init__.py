# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``e_seal``: electronic seals by a seal platform. 电子签章

The modules:

    config, profile   the settings; the platform's interface as data
    signing           how its requests and callbacks are signed
    platform, door    the two far sides: the seal platform, and the hub's own API
    task              what a request asks for
    collecting, believing   the end of a task: fetched, verified, stored, told
    sink, receiver    tasks out, callbacks in
    following         tasks whose callback does not come
    sealing, simulator   a platform of one's own that really seals
"""

from connectors.e_seal.connector import CONNECTOR as CONNECTOR
