# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1``: what operators have under ``/v1``, in one tree for the console: the same handlers, rights and documents. 运维接口

Nothing is done here twice: a route of ``/v1`` that stands in the table is given a second path. What has no other place stands in
the modules beside this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from hub.api.route import Route
from hub.operators import Right

ROOT = "/ops/v1"

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "signIn": "/session/sign-in",
        "signOut": "/session/sign-out",
        "getOperator": "/session",
        "changePassword": "/session/password",
        "pauseDestination": "/destinations/{name}/pause",
        "resumeDestination": "/destinations/{name}/resume",
        "listRouteTables": "/routes",
        "showRouteTable": "/routes/{version}",
        "activateRouteTable": "/routes/activate",
        "castRouteTable": "/routes/shadow",
        "uncastRouteTable": "/routes/unshadow",
        "listContracts": "/contracts",
        "getContractXsd": "/contracts/{type}/{version}.xsd",
        "getContractSchema": "/contracts/{type}/{version}",
        "listDeadGroups": "/failures",
        "listDeadLetters": "/failures/{group}",
        "noteDeadGroup": "/failures/{group}/note",
        "discardDeadLetters": "/failures/discard",
        "resolveDoubt": "/failures/resolve",
        "startReplay": "/replays",
        "listReplays": "/replays",
        "getReplay": "/replays/{id}",
        "stopReplay": "/replays/{id}/stop",
        "resumeReplay": "/replays/{id}/resume",
        "getCase": "/cases/{case}",
        "adoptCase": "/cases/{case}/adopt",
        "listParked": "/parked",
        "listAliases": "/numbers",
        "decideAlias": "/numbers/decide",
        "listUnanswered": "/answers",
        "decideAnswers": "/answers/decide",
        "listTransactions": "/transactions",
        "showTransaction": "/transactions/{transaction}",
        "retryStep": "/transactions/{transaction}/retry",
        "settleStep": "/transactions/{transaction}/settle",
        "undoTransaction": "/transactions/{transaction}/undo",
        "listDeadlines": "/deadlines",
        "listActs": "/acts",
        "listAudit": "/audit",
        "listApprovals": "/approvals",
        "getApproval": "/approvals/{proposal}",
        "approveProposal": "/approvals/{proposal}/approve",
        "refuseProposal": "/approvals/{proposal}/refuse",
        "listOperators": "/operators",
        "addOperator": "/operators",
        "giveRoles": "/operators/{account}/roles",
        "disableOperator": "/operators/{account}/disable",
        "enableOperator": "/operators/{account}/enable",
        "listTokens": "/operators/{account}/tokens",
        "revokeToken": "/tokens/{token}/revoke",
        "askReconciliation": "/reconciliations",
        "listReconciliations": "/reconciliations",
        "getReconciliation": "/reconciliations/{id}",
        "listDifferences": "/reconciliations/{id}/differences",
        "proposeRepush": "/reconciliations/{id}/proposal",
        "repush": "/reconciliations/{id}/repush",
        "stateReconciliation": "/reconciliations/{id}/statement",
        "getScorecards": "/scorecards",
        "listLookupRecords": "/lookup-records",
        "listItemRuns": "/item-runs",
        "getItemReport": "/item-runs/{run}",
    }
)
"""By the name of the route under ``/v1``."""


def name_of(route: str) -> str:
    """What the second place of a route is called."""
    return f"ops{route[0].upper()}{route[1:]}"


def mounted(described: Sequence[Route]) -> Sequence[Route]:
    """The second places. Where systems may come too, only operators may here."""
    return [
        replace(
            one,
            path=f"{ROOT}{PLACES[one.name]}",
            name=name_of(one.name),
            right=None if one.open else one.right or one.also or Right.READ,
            also=None,
        )
        for one in described
        if one.name in PLACES
    ]
