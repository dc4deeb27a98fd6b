# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The journal port: where the truth is written.

All methods are safe for concurrent use from one event loop; concurrent calls share transactions. None raises for what a
database or network can do: they answer :class:`JournalDown`. After ``JournalDown`` an operation may or may not have been
committed; repeating it with the same arguments is safe and gives the true answer. Cancelling a call does not stop a
commit that is under way.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.ports.figures import CommitFigures
from hub.ports.journal.accepting import Acceptance as Acceptance
from hub.ports.journal.accepting import AcceptanceResult as AcceptanceResult
from hub.ports.journal.accepting import Acceptances as Acceptances
from hub.ports.journal.accepting import Archived as Archived
from hub.ports.journal.accepting import Committed as Committed
from hub.ports.journal.accepting import Duplicate as Duplicate
from hub.ports.journal.accepting import ForeignCase as ForeignCase
from hub.ports.journal.accepting import IdTaken as IdTaken
from hub.ports.journal.accepting import Leaf as Leaf
from hub.ports.journal.accepting import Lived as Lived
from hub.ports.journal.accepting import Nameless as Nameless
from hub.ports.journal.accepting import PlannedDelivery as PlannedDelivery
from hub.ports.journal.accepting import RefusalRecord as RefusalRecord
from hub.ports.journal.accepting import Rigour as Rigour
from hub.ports.journal.accepting import Unlawful as Unlawful
from hub.ports.journal.accepting import Unwritable as Unwritable
from hub.ports.journal.accounts import AccountRecord as AccountRecord
from hub.ports.journal.accounts import Accounts as Accounts
from hub.ports.journal.accounts import Bearer as Bearer
from hub.ports.journal.accounts import TokenKind as TokenKind
from hub.ports.journal.accounts import TokenRecord as TokenRecord
from hub.ports.journal.accounts import Unchanged as Unchanged
from hub.ports.journal.acting import Act as Act
from hub.ports.journal.acting import Acted as Acted
from hub.ports.journal.acting import Acts as Acts
from hub.ports.journal.acting import ActView as ActView
from hub.ports.journal.acting import NoSuch as NoSuch
from hub.ports.journal.acting import RequestTaken as RequestTaken
from hub.ports.journal.activating import Activations as Activations
from hub.ports.journal.activating import InUse as InUse
from hub.ports.journal.activating import Unready as Unready
from hub.ports.journal.aliases import Alias as Alias
from hub.ports.journal.aliases import AliasClaim as AliasClaim
from hub.ports.journal.aliases import Aliases as Aliases
from hub.ports.journal.aliases import AliasSaid as AliasSaid
from hub.ports.journal.aliases import AliasView as AliasView
from hub.ports.journal.aliases import AwaitedAlias as AwaitedAlias
from hub.ports.journal.aliases import Resolution as Resolution
from hub.ports.journal.aliases import Resolvable as Resolvable
from hub.ports.journal.answering import FinalAnswer as FinalAnswer
from hub.ports.journal.answering import FinalAnswers as FinalAnswers
from hub.ports.journal.answering import HeardAnswer as HeardAnswer
from hub.ports.journal.answering import Purged as Purged
from hub.ports.journal.archiving import TABLES as TABLES
from hub.ports.journal.archiving import Archives as Archives
from hub.ports.journal.archiving import Disagrees as Disagrees
from hub.ports.journal.archiving import Part as Part
from hub.ports.journal.archiving import Record as Record
from hub.ports.journal.archiving import Row as Row
from hub.ports.journal.archiving import Segment as Segment
from hub.ports.journal.archiving import TooMuchUnfinished as TooMuchUnfinished
from hub.ports.journal.auditing import AuditEntry as AuditEntry
from hub.ports.journal.auditing import AuditFilter as AuditFilter
from hub.ports.journal.auditing import AuditTrail as AuditTrail
from hub.ports.journal.cataloguing import ItemCatalogue as ItemCatalogue
from hub.ports.journal.chores import Chores as Chores
from hub.ports.journal.chores import Turn as Turn
from hub.ports.journal.correcting import Corrections as Corrections
from hub.ports.journal.correcting import Refused as Refused
from hub.ports.journal.dead_letters import ALL_GROUPS as ALL_GROUPS
from hub.ports.journal.dead_letters import COUNTED as COUNTED
from hub.ports.journal.dead_letters import DeadEntry as DeadEntry
from hub.ports.journal.dead_letters import DeadGroup as DeadGroup
from hub.ports.journal.dead_letters import DeadLetters as DeadLetters
from hub.ports.journal.dead_letters import Ending as Ending
from hub.ports.journal.dead_letters import WantedGroups as WantedGroups
from hub.ports.journal.delivering import Claim as Claim
from hub.ports.journal.delivering import ClaimResult as ClaimResult
from hub.ports.journal.delivering import Deliveries as Deliveries
from hub.ports.journal.delivering import Halted as Halted
from hub.ports.journal.delivering import NotClaimable as NotClaimable
from hub.ports.journal.delivering import Quarantined as Quarantined
from hub.ports.journal.delivering import Settled as Settled
from hub.ports.journal.delivering import Settlement as Settlement
from hub.ports.journal.delivering import SettlementResult as SettlementResult
from hub.ports.journal.delivering import Stale as Stale
from hub.ports.journal.doubting import Doubts as Doubts
from hub.ports.journal.finding import Persons as Persons
from hub.ports.journal.following import Dockets as Dockets
from hub.ports.journal.following import ParkedStanding as ParkedStanding
from hub.ports.journal.following import ParkedView as ParkedView
from hub.ports.journal.following import Seed as Seed
from hub.ports.journal.following import Sown as Sown
from hub.ports.journal.following import WaitingCase as WaitingCase
from hub.ports.journal.gating import Breaker as Breaker
from hub.ports.journal.gating import Gate as Gate
from hub.ports.journal.gating import Gates as Gates
from hub.ports.journal.gating import Heard as Heard
from hub.ports.journal.gating import Pause as Pause
from hub.ports.journal.gating import Trial as Trial
from hub.ports.journal.jurisdiction import Bounds as Bounds
from hub.ports.journal.jurisdiction import Inside as Inside
from hub.ports.journal.jurisdiction import Jurisdictions as Jurisdictions
from hub.ports.journal.loading import Addition as Addition
from hub.ports.journal.loading import Loads as Loads
from hub.ports.journal.looking_up import AttemptView as AttemptView
from hub.ports.journal.looking_up import CasesThatSaid as CasesThatSaid
from hub.ports.journal.looking_up import CaseView as CaseView
from hub.ports.journal.looking_up import DeliveryView as DeliveryView
from hub.ports.journal.looking_up import LateAnswer as LateAnswer
from hub.ports.journal.looking_up import Lookups as Lookups
from hub.ports.journal.looking_up import MessageView as MessageView
from hub.ports.journal.looking_up import Recorded as Recorded
from hub.ports.journal.looking_up import RefusedPlan as RefusedPlan
from hub.ports.journal.lookup_records import LookupManner as LookupManner
from hub.ports.journal.lookup_records import LookupOutcome as LookupOutcome
from hub.ports.journal.lookup_records import LookupRecord as LookupRecord
from hub.ports.journal.lookup_records import LookupRecords as LookupRecords
from hub.ports.journal.materials import BeingRemoved as BeingRemoved
from hub.ports.journal.materials import MaterialRecords as MaterialRecords
from hub.ports.journal.observing import Observations as Observations
from hub.ports.journal.observing import Standing as Standing
from hub.ports.journal.observing import Unowned as Unowned
from hub.ports.journal.own_records import LanePlace as LanePlace
from hub.ports.journal.own_records import OwnRecords as OwnRecords
from hub.ports.journal.own_records import RefusedView as RefusedView
from hub.ports.journal.own_records import WaitingView as WaitingView
from hub.ports.journal.owning import NameTaken as NameTaken
from hub.ports.journal.owning import Ownership as Ownership
from hub.ports.journal.owning import Ownerships as Ownerships
from hub.ports.journal.owning import Unspoken as Unspoken
from hub.ports.journal.processing import Beginning as Beginning
from hub.ports.journal.processing import Emission as Emission
from hub.ports.journal.processing import Entered as Entered
from hub.ports.journal.processing import Fate as Fate
from hub.ports.journal.processing import Joined as Joined
from hub.ports.journal.processing import Joining as Joining
from hub.ports.journal.processing import Kept as Kept
from hub.ports.journal.processing import PaceWish as PaceWish
from hub.ports.journal.processing import Process as Process
from hub.ports.journal.processing import Processes as Processes
from hub.ports.journal.processing import Rest as Rest
from hub.ports.journal.proposing import Proposal as Proposal
from hub.ports.journal.proposing import Proposals as Proposals
from hub.ports.journal.proposing import ProposalState as ProposalState
from hub.ports.journal.reconciling import Reconciliation as Reconciliation
from hub.ports.journal.reconciling import Reconciliations as Reconciliations
from hub.ports.journal.relaying import Offers as Offers
from hub.ports.journal.relaying import Pressure as Pressure
from hub.ports.journal.replaying import MOST_IN_REPLAY as MOST_IN_REPLAY
from hub.ports.journal.replaying import Decision as Decision
from hub.ports.journal.replaying import Finish as Finish
from hub.ports.journal.replaying import Item as Item
from hub.ports.journal.replaying import ItemKind as ItemKind
from hub.ports.journal.replaying import Lot as Lot
from hub.ports.journal.replaying import Named as Named
from hub.ports.journal.replaying import OfGroup as OfGroup
from hub.ports.journal.replaying import Pace as Pace
from hub.ports.journal.replaying import Previewed as Previewed
from hub.ports.journal.replaying import Progress as Progress
from hub.ports.journal.replaying import Release as Release
from hub.ports.journal.replaying import Repeat as Repeat
from hub.ports.journal.replaying import Repeated as Repeated
from hub.ports.journal.replaying import Replanned as Replanned
from hub.ports.journal.replaying import Replays as Replays
from hub.ports.journal.replaying import ReplayState as ReplayState
from hub.ports.journal.replaying import ReplayView as ReplayView
from hub.ports.journal.replaying import Selection as Selection
from hub.ports.journal.replaying import Stop as Stop
from hub.ports.journal.replaying import Wait as Wait
from hub.ports.journal.replaying import Wish as Wish
from hub.ports.journal.sampling import SampledAttempt as SampledAttempt
from hub.ports.journal.sampling import SampledDelivery as SampledDelivery
from hub.ports.journal.sampling import SampledMessage as SampledMessage
from hub.ports.journal.sampling import Samples as Samples
from hub.ports.journal.sealing import START as START
from hub.ports.journal.sealing import NotSealing as NotSealing
from hub.ports.journal.sealing import SealedSome as SealedSome
from hub.ports.journal.sealing import SealingKeys as SealingKeys
from hub.ports.journal.searching import Found as Found
from hub.ports.journal.searching import Searches as Searches
from hub.ports.journal.sequencing import EvidenceLog as EvidenceLog
from hub.ports.journal.shelving import Shelf as Shelf
from hub.ports.journal.state import JournalDown as JournalDown
from hub.ports.journal.state import State as State
from hub.ports.journal.tabling import Activation as Activation
from hub.ports.journal.tabling import Difference as Difference
from hub.ports.journal.tabling import Differences as Differences
from hub.ports.journal.tabling import InForce as InForce
from hub.ports.journal.tabling import Observed as Observed
from hub.ports.journal.tabling import Overtaken as Overtaken
from hub.ports.journal.tabling import RouteTables as RouteTables
from hub.ports.journal.tabling import TableAnswer as TableAnswer
from hub.ports.journal.transacting import CLOSED as CLOSED
from hub.ports.journal.transacting import WHOLE as WHOLE
from hub.ports.journal.transacting import WORD as WORD
from hub.ports.journal.transacting import Closing as Closing
from hub.ports.journal.transacting import Irrevocable as Irrevocable
from hub.ports.journal.transacting import Needing as Needing
from hub.ports.journal.transacting import NotAwaited as NotAwaited
from hub.ports.journal.transacting import TransactionPart as TransactionPart
from hub.ports.journal.transacting import Transactions as Transactions
from hub.ports.journal.transacting import TransactionView as TransactionView
from hub.ports.journal.transacting import Withdrawn as Withdrawn
from hub.ports.journal.unanswered import RESOLVED as RESOLVED
from hub.ports.journal.unanswered import RESOLVED_REJECTED as RESOLVED_REJECTED
from hub.ports.journal.unanswered import Decided as Decided
from hub.ports.journal.unanswered import Unanswered as Unanswered
from hub.ports.journal.unanswered import UnansweredDeliveries as UnansweredDeliveries
from hub.ports.materials import MaterialKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The whole port, part by part.

    ``commits`` are the figures of this process's transactions. ``close`` finishes the commits under way and lets go;
    idempotent. ``material_keys``: by what stores of materials seal; None: they do not.
    ``upkeep`` prepares the journal for the time around now (the months to come); call it every hour or so.
    """

    acceptances: Acceptances
    offers: Offers
    deliveries: Deliveries
    answers: FinalAnswers
    unanswered: UnansweredDeliveries
    shelf: Shelf
    doubts: Doubts
    gates: Gates
    ownerships: Ownerships
    activations: Activations
    lookups: Lookups
    lookup_records: LookupRecords
    own_records: OwnRecords
    materials: MaterialRecords
    material_keys: MaterialKeys | None
    persons: Persons
    sealing_keys: SealingKeys
    acts: Acts
    accounts: Accounts
    audit: AuditTrail
    proposals: Proposals
    jurisdictions: Jurisdictions
    searches: Searches
    dead_letters: DeadLetters
    corrections: Corrections
    replays: Replays
    loads: Loads
    reconciliations: Reconciliations
    item_catalogue: ItemCatalogue
    dockets: Dockets
    aliases: Aliases
    chores: Chores
    observations: Observations
    samples: Samples
    commits: CommitFigures
    archives: Archives
    log: EvidenceLog
    processes: Processes
    route_tables: RouteTables
    transactions: Transactions
    close: Callable[[], Awaitable[None]]
    upkeep: Callable[[], Awaitable[JournalDown | None]]
