# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators need of a hub, put together from its deployment: keys, signing in, the issuer, and the second person."""

import secrets
from datetime import timedelta

from hub.config.credentials import Secrets
from hub.config.deployment import Deployment
from hub.config.identities import keys_of
from hub.config.operating import OperatingSection
from hub.oidc import Issuer
from hub.oidc_code import CodeFlow
from hub.operators import Operators
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import Accounts, Journal
from hub.second_person import SecondPerson
from hub.sign_in import SignIn, Terms


def operators_of(deployment: Deployment) -> Operators:
    """The operators with keys in the deployment."""
    members = deployment.operators.items()
    return Operators(
        keys_of(deployment.operators),
        {name: operator.rights for name, operator in members},
        {name: operator.scope for name, operator in members},
    )


def sign_in_of(section: OperatingSection, journal: Journal, clock: Clock, ids: Ids) -> SignIn:
    """Signing in by the deployment's terms."""
    terms = Terms(
        session=timedelta(minutes=section.session_minutes),
        failures=section.lock_failures,
        lock=timedelta(minutes=section.lock_minutes),
    )
    return SignIn(accounts=journal.accounts, clock=clock, ids=ids, entropy=secrets.token_bytes, terms=terms)


def issuer_of(section: OperatingSection, accounts: Accounts, clock: Clock) -> Issuer | None:
    """The issuer whose tokens are taken; None: there is none."""
    if section.issuer is None:
        return None
    return Issuer(
        issuer=section.issuer.issuer,
        audience=section.issuer.audience,
        algorithms=section.issuer.algorithms,
        refresh=section.issuer.refresh_seconds,
        accounts=accounts,
        clock=clock,
    )


def code_flow_of(section: OperatingSection, issuer: Issuer | None, sign_in: SignIn, secret: Secrets) -> CodeFlow | None:
    """How a browser is led to the issuer; None: it is not."""
    if section.issuer is None or issuer is None or section.issuer.redirect is None:
        return None
    name = section.issuer.client_secret
    return CodeFlow(
        issuer=issuer,
        sign_in=sign_in,
        redirect=section.issuer.redirect,
        secret=None if name is None else lambda: secret(name),
        entropy=secrets.token_bytes,
    )


def second_person_of(section: OperatingSection, journal: Journal, clock: Clock, ids: Ids) -> SecondPerson | None:
    """Who watches over dangerous acts; None: nothing wants a second person."""
    rules = section.second_person
    if not rules.acts:
        return None
    beyond = {str(kind): most for kind, most in rules.acts.items()}
    return SecondPerson(
        proposals=journal.proposals, clock=clock, ids=ids, beyond=beyond, lasts=timedelta(hours=rules.hours)
    )
