# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dangerous acts want a second person: proposed by one account, approved by another, on exactly what would be done. 四眼

Whoever proposes sends the act as always and is told that it waits; after the approval the same request carries it out. If what
it would do is no longer what was approved, it is not done, and wants a new approval under a new request.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from contracts.refusal import Refusal
from contracts.text import Text
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import Act, AuditEntry, JournalDown, Proposal, Proposals, ProposalState

_API = "api"
MOST = 1_000_000
"""Characters of the details that are kept: as much as a route table may have."""


class Hindrance(StrEnum):
    """Why an act is not carried out now."""

    WAITING = "waiting"
    REFUSED = "refused"
    EXPIRED = "expired"
    CHANGED = "changed"
    FOREIGN = "foreign"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Unapproved:
    """The act was not carried out: it wants a second person. ``proposal`` is None where nobody may propose it this way."""

    hindrance: Hindrance
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """``beyond``: the kinds of act that want a second person, each if it touches more than so many. ``lasts`` is how long a
    proposal may wait, and its approval be used.
    """

    proposals: Proposals
    clock: Clock
    ids: Ids
    beyond: Mapping[str, int] = field(default_factory=dict)
    lasts: timedelta = timedelta(hours=24)

    def wanted(self, kind: str, size: int) -> bool:
        """Whether an act of this kind and size wants a second person."""
        return kind in self.beyond and size > self.beyond[kind]

    async def cleared(
        self, act: Act, content: Iterable[str], size: int, details: str = ""
    ) -> Unapproved | JournalDown | None:
        """None: it may be carried out now. ``content`` names exactly what would be done; the order does not matter.

        ``details``: what the second person looks at, the content itself unless said.
        """
        if not self.wanted(act.kind, size):
            return None
        if act.via != _API:  # nobody has proved there who they are
            return Unapproved(Hindrance.UNPROVED)
        lines = sorted(content)
        digest = hashlib.sha256("\0".join([act.kind, act.subject, *lines]).encode()).digest()
        known = await self.proposals.of_request(act.request)
        if known is None:
            return await self._propose(act, digest, size, details or "\n".join(lines))
        return known if isinstance(known, JournalDown) else self._standing(known, act, digest)

    async def _propose(self, act: Act, digest: bytes, size: int, details: str) -> Unapproved | JournalDown:
        proposal = Proposal(
            id=self.ids.new(),
            request=act.request,
            kind=act.kind,
            subject=act.subject,
            content=digest,
            size=size,
            proposer=act.actor,
            reason=act.reason,
            proposed_at=act.acted_at,
            expires_at=act.acted_at + self.lasts,
            details=details[:MOST].replace("\0", ""),
        )
        entry = AuditEntry(
            id=self.ids.new(),
            at=act.acted_at,
            account=act.actor,
            act=f"propose_{act.kind}",
            subject=act.subject,
            reason=act.reason,
            via=act.via,
            outcome="waiting",
            request=act.request,
        )
        kept = await self.proposals.propose(proposal, entry)
        if isinstance(kept, JournalDown):
            return kept
        return self._standing(kept, act, digest) or Unapproved(Hindrance.WAITING, kept)

    def _standing(self, known: Proposal, act: Act, digest: bytes) -> Unapproved | None:
        if known.act is not None:
            return None  # the journal gives the first answer again, or says that the request named another act
        if known.proposer != act.actor:
            return Unapproved(Hindrance.FOREIGN, known)
        if known.content != digest or known.kind != act.kind:
            return Unapproved(Hindrance.CHANGED, known)
        match known.state(self.clock.now()):
            case ProposalState.APPROVED | ProposalState.DONE:
                return None
            case ProposalState.WAITING:
                return Unapproved(Hindrance.WAITING, known)
            case ProposalState.REFUSED:
                return Unapproved(Hindrance.REFUSED, known)
            case ProposalState.EXPIRED:
                return Unapproved(Hindrance.EXPIRED, known)


_SAID: Mapping[Hindrance, Text] = {
    Hindrance.WAITING: Text("此操作需第二人批准，已提交。", "This wants a second person; it is proposed and waits."),
    Hindrance.REFUSED: Text("第二人没有批准此操作。", "The second person has refused this."),
    Hindrance.EXPIRED: Text("提议或批准已过期。", "The proposal, or its approval, has expired."),
    Hindrance.CHANGED: Text(
        "要做的内容已与提议不同，须另行提议。", "What it would do is not what was proposed; it wants a new approval."
    ),
    Hindrance.FOREIGN: Text("此 request 是他人的提议。", "This request is somebody else's proposal."),
    Hindrance.UNPROVED: Text(
        "此操作需第二人批准，只能由已登录的账号经接口提议。",
        "This wants a second person, so it is proposed through the API by an account that is signed in.",
    ),
}


def refusal_of(unapproved: Unapproved) -> Refusal:
    """What whoever acts is told."""
    proposal = unapproved.proposal
    extra = {"state": unapproved.hindrance.value}
    if proposal is not None:
        extra |= {
            "proposal": str(proposal.id),
            "request": proposal.request,
            "content": f"sha256:{proposal.content.hex()}",
            "expires": proposal.expires_at.isoformat(),
        }
    return Refusal("E_SECOND_PERSON", _SAID[unapproved.hindrance], extra=extra)
