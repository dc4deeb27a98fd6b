# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The connector SDK: the only thing of govhub a third party imports.

    outcomes      how a send can end, and what a query can come to
    parcel        what is sent
    manifest      what a connector promises
    secret        how its settings are written, and where a credential stands in them
    metrics       what it counts and measures
    sink          the port it implements to carry messages out, and the context it is lent
    source        the port it implements to bring messages in
    lookup        the port it implements to ask a register something
    receiver      the port it implements to be called
    answers       the answer that comes later: what became of what the far side had only accepted
    intake        what it may be lent of the hub itself: the way in, and the materials
    discovery     how the hub finds it
    guard, host   how the hub runs it, in its own process or in a child
    rules, conformance   how its author, and the hub, know that it keeps its promises; source_… the same for sources

The names below are the public surface; a test pins them.
"""

from connectors.sdk.answers import Answer as Answer
from connectors.sdk.answers import Answers as Answers
from connectors.sdk.answers import AnswerWithin as AnswerWithin
from connectors.sdk.answers import Awaited as Awaited
from connectors.sdk.answers import AwaitedPage as AwaitedPage
from connectors.sdk.answers import Heard as Heard
from connectors.sdk.intake import Intake as Intake
from connectors.sdk.intake import Material as Material
from connectors.sdk.intake import NoMaterial as NoMaterial
from connectors.sdk.intake import Shelf as Shelf
from connectors.sdk.lookup import Criteria as Criteria
from connectors.sdk.lookup import Finding as Finding
from connectors.sdk.lookup import Found as Found
from connectors.sdk.lookup import Lookup as Lookup
from connectors.sdk.lookup import LookupConnector as LookupConnector
from connectors.sdk.lookup import NotFound as NotFound
from connectors.sdk.lookup import Question as Question
from connectors.sdk.manifest import Idempotency as Idempotency
from connectors.sdk.manifest import Manifest as Manifest
from connectors.sdk.manifest import Rendering as Rendering
from connectors.sdk.manifest import Role as Role
from connectors.sdk.metrics import Metric as Metric
from connectors.sdk.metrics import MetricKind as MetricKind
from connectors.sdk.metrics import Metrics as Metrics
from connectors.sdk.outcomes import Accepted as Accepted
from connectors.sdk.outcomes import Delivered as Delivered
from connectors.sdk.outcomes import InDoubt as InDoubt
from connectors.sdk.outcomes import NotSeen as NotSeen
from connectors.sdk.outcomes import Outcome as Outcome
from connectors.sdk.outcomes import QueryOutcome as QueryOutcome
from connectors.sdk.outcomes import Rejected as Rejected
from connectors.sdk.outcomes import Unavailable as Unavailable
from connectors.sdk.parcel import Parcel as Parcel
from connectors.sdk.receiver import Admission as Admission
from connectors.sdk.receiver import Admitted as Admitted
from connectors.sdk.receiver import Receiver as Receiver
from connectors.sdk.receiver import ReceiverConnector as ReceiverConnector
from connectors.sdk.receiver import Reply as Reply
from connectors.sdk.receiver import Request as Request
from connectors.sdk.receiver import TurnedAway as TurnedAway
from connectors.sdk.secret import STRICT as STRICT
from connectors.sdk.secret import Secret as Secret
from connectors.sdk.sink import Connector as Connector
from connectors.sdk.sink import Context as Context
from connectors.sdk.sink import Settings as Settings
from connectors.sdk.sink import Sink as Sink
from connectors.sdk.source import Disposition as Disposition
from connectors.sdk.source import Item as Item
from connectors.sdk.source import NotNow as NotNow
from connectors.sdk.source import Refused as Refused
from connectors.sdk.source import Signed as Signed
from connectors.sdk.source import Source as Source
from connectors.sdk.source import SourceConnector as SourceConnector
from connectors.sdk.source import Taken as Taken
from contracts.text import Text as Text

__all__ = [
    "STRICT",
    "Accepted",
    "Admission",
    "Admitted",
    "Answer",
    "AnswerWithin",
    "Answers",
    "Awaited",
    "AwaitedPage",
    "Connector",
    "Context",
    "Criteria",
    "Delivered",
    "Disposition",
    "Finding",
    "Found",
    "Heard",
    "Idempotency",
    "InDoubt",
    "Intake",
    "Item",
    "Lookup",
    "LookupConnector",
    "Manifest",
    "Material",
    "Metric",
    "MetricKind",
    "Metrics",
    "NoMaterial",
    "NotFound",
    "NotNow",
    "NotSeen",
    "Outcome",
    "Parcel",
    "QueryOutcome",
    "Question",
    "Receiver",
    "ReceiverConnector",
    "Refused",
    "Rejected",
    "Rendering",
    "Reply",
    "Request",
    "Role",
    "Secret",
    "Settings",
    "Shelf",
    "Signed",
    "Sink",
    "Source",
    "SourceConnector",
    "Taken",
    "Text",
    "TurnedAway",
    "Unavailable",
]
