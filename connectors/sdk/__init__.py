# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The connector SDK: the only thing of govhub a third party imports.

    outcomes      how a send can end
    parcel        what is sent
    manifest      what a connector promises
    sink          the port it implements, and the context it is lent
    discovery     how the hub finds it
    guard, host   how the hub runs it, in its own process or in a child
    rules, conformance   how its author, and the hub, know that it keeps its promises

The names below are the public surface; a test pins them.
"""

from connectors.sdk.manifest import Idempotency as Idempotency
from connectors.sdk.manifest import Manifest as Manifest
from connectors.sdk.manifest import Rendering as Rendering
from connectors.sdk.outcomes import Accepted as Accepted
from connectors.sdk.outcomes import Delivered as Delivered
from connectors.sdk.outcomes import InDoubt as InDoubt
from connectors.sdk.outcomes import Outcome as Outcome
from connectors.sdk.outcomes import Rejected as Rejected
from connectors.sdk.outcomes import Unavailable as Unavailable
from connectors.sdk.parcel import Parcel as Parcel
from connectors.sdk.sink import Connector as Connector
from connectors.sdk.sink import Context as Context
from connectors.sdk.sink import Settings as Settings
from connectors.sdk.sink import Sink as Sink

__all__ = [
    "Accepted",
    "Connector",
    "Context",
    "Delivered",
    "Idempotency",
    "InDoubt",
    "Manifest",
    "Outcome",
    "Parcel",
    "Rejected",
    "Rendering",
    "Settings",
    "Sink",
    "Unavailable",
]
