# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What COMMIT 1 will write: the message as received, its canonical form, the plan, the receipt and its leaf. 受理登记"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import orjson

from certs.receipt import acceptance_statement, receipt
from certs.submission import submission_statement
from contracts.bindings.event_format import attributes_of
from contracts.lifecycle.record import CONTRACTS, record_of
from contracts.person_keys import NumberKind, numbers_in
from contracts.trace_context import traced
from hub.lifecycle import Policies
from hub.naming import Named
from hub.own_numbers import NOTHING, UNUSABLE
from hub.passage import Planned, Received, Valid
from hub.ports.ids import Ids
from hub.ports.journal import Acceptance, Leaf, Lived

_FOLLOWED = frozenset(CONTRACTS)


def record(
    hub: str,
    ids: Ids,
    system: str,
    received: Received,
    valid: Valid,
    planned: Planned,
    now: datetime,
    sample: float = 0.0,
    policies: Policies | None = None,
    named: Named | None = None,
    *,
    access: str = "",
) -> Acceptance:
    """Put together one acceptance. Its message id is made here, and so is its receipt: once, before the commit.

    So is its trace, if its sender gave none that can be read; of those the share ``sample`` is sampled. ``named``: under which
    number it came, and what others its sender told. ``access``: by which rules it is taken and given on.
    """
    message_id, salt = ids.new(), ids.salt()
    nameless, carried = (None, NOTHING) if named is None else (named.nameless, named.carried)

    def acknowledged(*rules: str) -> tuple[bytes, Leaf]:
        """The receipt and its leaf; ``rules`` of the life of the case are warned of like other oddities."""
        warnings = [(warning.code, warning.path) for warning in valid.checked.warnings]
        if nameless is not None:
            warnings.append((nameless.reason, "$.subject"))
        warnings += ((UNUSABLE, path) for path in carried.odd)
        statement = acceptance_statement(
            hub=hub,
            message_id=message_id,
            system=system,
            sender_id=valid.event.id,
            contract=valid.contract.type,
            version=valid.contract.version,
            case=valid.case,
            digest=valid.digest,
            salt=salt,
            accepted_at=now,
            warnings=[*warnings, *((f"LIFECYCLE_{rule}", "$.type") for rule in rules)],
        )
        told = receipt(statement, valid.digest, salt)
        return told, Leaf(ids.new(), statement.kind, statement.body, statement.hash)

    acknowledgement, leaf = acknowledged()
    return Acceptance(
        message_id=message_id,
        system=system,
        sender_id=valid.event.id,
        digest=valid.digest,
        contract=valid.contract.type,
        version=valid.contract.version,
        case=valid.case,
        event_time=valid.event.time,
        expires_at=valid.expires_at,
        accepted_at=now,
        content_type=received.content_type,
        raw=received.raw,
        canonical=valid.checked.canonical,
        attributes=orjson.dumps(traced(attributes_of(valid.event), received.traceparent, message_id, sample)),
        table_version=planned.table_version,
        parties=planned.parties,
        materials=_materials(valid.event.data),
        any_case=valid.any_case,
        deliveries=planned.deliveries,
        receipt=acknowledgement,
        leaf=leaf,
        submission=_submission(hub, ids, message_id, system, received, valid, now),
        nameless=nameless,
        numbers=carried.numbers,
        access=access,
        persons=_persons(valid, None if named is None else named.nameless),
        lived=None
        if policies is None or nameless is not None
        else _lived(hub, policies, system, valid, now, acknowledged),
    )


def _submission(
    hub: str, ids: Ids, message_id: UUID, system: str, received: Received, valid: Valid, now: datetime
) -> Leaf | None:
    """The leaf of its sender's signature; None: it has none."""
    if received.signature is None:
        return None
    statement = submission_statement(
        hub=hub,
        message_id=message_id,
        system=system,
        sender_id=valid.event.id,
        submitted=received.signature,
        received_at=now,
    )
    return Leaf(ids.new(), statement.kind, statement.body, statement.hash)


def _lived(
    hub: str,
    policies: Policies,
    system: str,
    valid: Valid,
    now: datetime,
    warned: Callable[[str], tuple[bytes, Leaf]],
) -> Lived | None:
    """The part that it has in the life of its case; None: none."""
    if valid.contract.type not in _FOLLOWED:
        return None
    data = orjson.loads(valid.checked.canonical)  # times as texts that compare as moments do
    found = record_of(valid.contract.type, data)
    assert found is not None, "it is one of those"
    policy = policies.for_message(system, str(data.get("item_code", "")))
    return Lived(
        hub=hub,
        record=found,
        rigour=policy.rigour,
        begins_anywhere=policy.begins_anywhere,
        pass_at=now + policy.wait,
        warned=warned,
    )


def _persons(valid: Valid, nameless: object) -> frozenset[tuple[NumberKind, str]]:
    data = valid.event.data
    return numbers_in(valid.contract, data) if nameless is None and isinstance(data, dict) else frozenset()


def _materials(data: object) -> tuple[str, ...]:
    """The digests that validated data names: the case's parties may fetch these.

    They stand in ``materials`` (材料), and in the record itself where it is about one file, as a licence (证照) is.
    """
    if not isinstance(data, dict):
        return ()
    named = data.get("materials")
    digests = [
        one.get("digest") for one in (data, *(named if isinstance(named, list) else ())) if isinstance(one, dict)
    ]
    return tuple(dict.fromkeys(digest for digest in digests if isinstance(digest, str)))
