# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""May this operator see what is masked? Recorded before anything is shown: who, what of which case, and why. 查看明文"""

from collections.abc import Sequence

from contracts.refusal import Refusal
from hub.act_refusals import refusal_of
from hub.acting import Acting, Order, act_of
from hub.operators import Operator, Right
from hub.ports.journal import Acted
from hub.stages.identify import lacking

UNMASK = "unmask"
"""The kind of the act, as the audit trail and ``operating.second_person.acts`` name it."""


async def unmask(acting: Acting, who: Operator, order: Order, case: str, fields: Sequence[str]) -> Acted | Refusal:
    """Record that ``who`` sees these fields (names of what is masked, nothing of its content) of a case, or refuse.

    Only after ``Acted`` may anything be shown. It wants the right ``unmask``, a case within the operator's scope, a reason, and
    a second person where the deployment says so (beyond so many fields). The same request again is the same act: it may be
    shown again.
    """
    if not who.may(Right.UNMASK):
        return lacking(Right.UNMASK)
    named = sorted(set(fields))
    act = act_of(acting.ids, acting.clock, order, UNMASK, f"{len(named)} fields", [case], named)
    clearance = acting.clearance
    seen = await clearance.of_cases(act, who.scope, [case], [case, *named], size=len(named))
    if seen is not None:
        return refusal_of(seen)
    answer = await acting.journal.acts.record(act, [case])
    return answer if isinstance(answer, Acted) else refusal_of(answer)
