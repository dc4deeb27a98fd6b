# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The journal on PostgreSQL 15 or later: opens the database, brings its schema up to date, and puts the parts together."""

from uuid import UUID

import asyncpg

from certs.envelope import KeyTrouble
from certs.evidence.receipts import ReceiptSigner
from hub.journal.acceptances import PostgresAcceptances
from hub.journal.accounts import PostgresAccounts
from hub.journal.activations import PostgresActivations
from hub.journal.acts import PostgresActs
from hub.journal.aliases import PostgresAliases
from hub.journal.answers import PostgresAnswers
from hub.journal.archives import PostgresArchives
from hub.journal.audit import PostgresAudit
from hub.journal.bodies import RecentBodies
from hub.journal.catalogue import PostgresItemCatalogue
from hub.journal.chores import PostgresChores
from hub.journal.claims import Claims
from hub.journal.corrections import PostgresCorrections
from hub.journal.data_keys import DataKeys, Sealing, keys_missed
from hub.journal.dead_letters import PostgresDeadLetters
from hub.journal.dockets import PostgresDockets
from hub.journal.gates import PostgresGates
from hub.journal.jurisdictions import PostgresJurisdictions
from hub.journal.loads import PostgresLoads
from hub.journal.log import PostgresEvidenceLog
from hub.journal.lookup_records import PostgresLookupRecords
from hub.journal.lookups import PostgresLookups
from hub.journal.materials import PostgresMaterialRecords
from hub.journal.migrate import Migrated, MigrationRefused, MigrationResult, ensure_months, migrate
from hub.journal.observations import PostgresObservations
from hub.journal.offers import OfferBoard, PostgresOffers
from hub.journal.own_records import PostgresOwnRecords
from hub.journal.ownerships import PostgresOwnerships
from hub.journal.persons import PostgresPersons
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down, open_pool
from hub.journal.processes import PostgresProcesses
from hub.journal.proposals import PostgresProposals
from hub.journal.reconciliations import PostgresReconciliations
from hub.journal.replays import PostgresReplays
from hub.journal.resealing import PostgresSealingKeys
from hub.journal.samples import PostgresSamples
from hub.journal.seals import Seals
from hub.journal.searches import PostgresSearches
from hub.journal.settlements import Settlements
from hub.journal.shelves import Shelves
from hub.journal.signing import Signing
from hub.journal.store_keys import StoreKeys
from hub.journal.tables import PostgresRouteTables
from hub.journal.transactions import PostgresTransactions
from hub.journal.unanswered import PostgresUnanswered
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.ids import Ids
from hub.ports.journal import (
    ClaimResult,
    Journal,
    JournalDown,
    Settlement,
    SettlementResult,
)
from hub.ports.probe import Probe

_PATH_PATIENCE = 3.0
_READERS = 6


class _Deliveries:
    """The part :class:`hub.ports.journal.Deliveries`: claims and settlements side by side."""

    def __init__(self, claims: Claims, settlements: Settlements) -> None:
        self._claims = claims
        self._settlements = settlements

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        return await self._claims.claim(delivery, alone=alone, trial=trial)

    async def disown(self) -> int | JournalDown:
        return await self._claims.disown()

    async def settle(self, settlement: Settlement) -> SettlementResult:
        return await self._settlements.settle(settlement)


async def open_journal(
    dsn: str,
    *,
    clock: Clock,
    ids: Ids,
    probe: Probe,
    incarnation: UUID,
    signer: ReceiptSigner | None = None,
    sealing: Sealing | KeyTrouble | None = None,
) -> Journal | MigrationRefused | KeyTrouble | JournalDown:
    """Connect and migrate. ``incarnation`` is this process's id among the hubs; ids and times come from the arguments.

    ``signer`` signs the receipts of what is accepted through this journal; None: nobody does. ``sealing``: by what bodies are
    sealed; None: they are not; its trouble is given back. A journal that holds sealed bodies is not opened without their keys.
    """
    if isinstance(sealing, KeyTrouble):
        return sealing
    opened = await _pools(dsn, clock)
    if not isinstance(opened, tuple):
        return opened
    pool, readers = opened
    seals = Seals(None if sealing is None else DataKeys(readers, sealing, clock))
    if (trouble := await _trouble(seals, readers)) is not None:
        await readers.close()
        await pool.close()
        return trouble
    board, recent = OfferBoard(), RecentBodies(seals)
    commits = CommitFigures()
    acceptances = PostgresAcceptances(pool, board, recent, clock, ids, probe, commits, Signing(signer), seals)
    claims = Claims(pool, recent, clock, probe, incarnation, commits)
    lookups, archives = PostgresLookups(readers, pool, seals), PostgresArchives(pool, readers, seals)
    lookup_records = PostgresLookupRecords(readers)
    shelves = Shelves(pool, recent, clock, commits)
    settlements = Settlements(pool, board, clock, ids, probe, incarnation, commits)
    answers = PostgresAnswers(pool, settlements, recent, clock, ids, commits)
    ownerships = PostgresOwnerships(pool, clock, incarnation)
    aliases = PostgresAliases(pool, readers, clock, ids, seals)
    processes = PostgresProcesses(pool, recent, clock, seals)

    async def upkeep() -> JournalDown | None:
        try:
            async with pool.acquire() as connection:
                await ensure_months(connection, clock.now())
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def close() -> None:
        await acceptances.close()
        await claims.close()
        await shelves.close()
        await lookups.close()
        await lookup_records.close()
        await archives.close()
        await processes.close()
        await aliases.close()
        await settlements.close()
        await answers.close()
        await ownerships.leave()
        await readers.close()
        await pool.close()

    return Journal(
        acceptances=acceptances,
        offers=PostgresOffers(pool, board, clock, ids, incarnation),
        deliveries=_Deliveries(claims, settlements),
        answers=answers,
        unanswered=PostgresUnanswered(pool, readers),
        shelf=shelves,
        doubts=claims,
        gates=PostgresGates(pool, clock, incarnation),
        ownerships=ownerships,
        activations=PostgresActivations(pool),
        lookups=lookups,
        lookup_records=lookup_records,
        own_records=PostgresOwnRecords(readers),
        materials=PostgresMaterialRecords(pool),
        persons=PostgresPersons(readers, seals),
        sealing_keys=PostgresSealingKeys(readers, seals),
        material_keys=None if seals.keys is None else StoreKeys(seals.keys, clock),
        acts=PostgresActs(readers),
        accounts=PostgresAccounts(readers),
        audit=PostgresAudit(readers),
        proposals=PostgresProposals(readers),
        jurisdictions=PostgresJurisdictions(readers),
        searches=PostgresSearches(readers),
        dead_letters=PostgresDeadLetters(pool, seals),
        corrections=PostgresCorrections(pool, seals),
        loads=PostgresLoads(pool),
        replays=PostgresReplays(pool, ids),
        reconciliations=PostgresReconciliations(readers, seals),
        item_catalogue=PostgresItemCatalogue(readers),
        aliases=aliases,
        dockets=PostgresDockets(pool, readers, clock, ids, seals),
        chores=PostgresChores(pool),
        observations=PostgresObservations(pool),
        samples=PostgresSamples(pool),
        commits=commits,
        archives=archives,
        log=PostgresEvidenceLog(pool, readers, clock),
        processes=processes,
        route_tables=PostgresRouteTables(pool),
        transactions=PostgresTransactions(pool, readers, seals),
        close=close,
        upkeep=upkeep,
    )


async def _pools(dsn: str, clock: Clock) -> tuple[JournalPool, JournalPool] | MigrationRefused | JournalDown:
    """The connections of the path, and those of readers: whoever asks much must not keep the path from its own."""
    try:
        pool = await open_pool(dsn, patience=_PATH_PATIENCE)
    except (*DATABASE_ERRORS, ValueError) as error:
        return down(error)
    try:
        async with pool.acquire() as connection:
            migrated = await migrate(connection)
            if isinstance(migrated, Migrated):
                await ensure_months(connection, clock.now())
        if isinstance(migrated, Migrated):
            return pool, await open_pool(dsn, size=_READERS)
    except DATABASE_ERRORS as error:
        await pool.close()
        return down(error)
    await pool.close()
    return migrated


async def _trouble(seals: Seals, readers: JournalPool) -> KeyTrouble | JournalDown | None:
    """Why what is sealed here could not be opened, or nothing sealed."""
    try:
        return await (keys_missed(readers) if seals.keys is None else seals.trouble())
    except DATABASE_ERRORS as error:
        return down(error)


async def migrate_database(dsn: str) -> MigrationResult | JournalDown:
    """Bring a database up to date without opening a journal on it."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
        try:
            return await migrate(connection)
        finally:
            await connection.close()
    except (*DATABASE_ERRORS, ValueError) as error:
        return down(error)
