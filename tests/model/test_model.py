# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The whole hub against a model of its town: whatever happens in whatever order, nothing is lost, nothing happens twice, every
case keeps its order, and packages and consultations come to their end once.

Plans are the same in every run of the ordinary suite. ``GOVHUB_MODEL_EXAMPLES`` sets their number and ``GOVHUB_MODEL_SEED`` draws
others: ``make model`` draws its own, and prints the seed. A plan that fails is made small; its story says what happened, and the
line below it has it again.
"""

import os
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.model.acts import Act, plans
from tests.model.mutants import FOUND_SOON, MUTANTS, Mutant
from tests.model.play import Harm, Stage

EXAMPLES = int(os.environ.get("GOVHUB_MODEL_EXAMPLES", "30"))
SEED = os.environ.get("GOVHUB_MODEL_SEED")
ACTS = 25
_ENOUGH = 30
"""Plans that between them must have met every kind of trouble."""
_OF_A_MUTANT = 400
_TIMES = 10
_LIMIT = 240 + 4 * EXAMPLES

Try = Callable[[Sequence[Act]], None]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The one stage of all plans."""
    with Stage() as opened:
        yield opened


def every_plan(examples: int, attempt: Try, *, shrinking: bool) -> None:
    """Try so many plans."""
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if shrinking else [])]
    fixed = settings(
        max_examples=examples,
        phases=phases,
        derandomize=SEED is None,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    @given(plans(ACTS))
    def played(plan: list[Act]) -> None:
        attempt(plan)

    drawn = played if SEED is None else seed(int(SEED))(played)
    fixed(drawn)()


@pytest.mark.timeout(_LIMIT)
def test_whatever_happens_the_town_is_served(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    every_plan(EXAMPLES, stage.play, shrinking=True)
    told = stage.tally
    with capsys.disabled():
        print(f"\nmodel: seed {SEED or 'fixed'}, {told.runs} plans, {told.acts} acts, {told.deaths} deaths of hubs")
    enough = told.runs >= _ENOUGH
    for met in ("parked", "replayed", "died", "several tables", "several hubs", "packages", "gathering"):
        assert told.seen[met] or not enough, f"no plan met {met}: {told.seen}"


@pytest.mark.parametrize(("mutant", "plan"), MUTANTS)
def test_the_model_sees(stage: Stage, mutant: Mutant, plan: Sequence[Act]) -> None:
    """By the plan that shows the harm; more than once, where it is a matter of who comes first."""
    with mutant() as mend, pytest.raises(Harm):
        stage.play(tuple(plan), mend, times=_TIMES)


@pytest.mark.timeout(_LIMIT)
@pytest.mark.parametrize("mutant", FOUND_SOON if SEED is None else [mutant for mutant, _ in MUTANTS])
def test_the_model_finds(stage: Stage, mutant: Mutant) -> None:
    """Among plans that were drawn for nobody."""
    found: list[Harm] = []

    def attempt(plan: Sequence[Act]) -> None:
        if found:
            raise found[0]
        try:
            stage.play(plan, mend)
        except Harm as harm:
            found.append(harm)
            raise

    with mutant() as mend, pytest.raises(Harm):
        every_plan(_OF_A_MUTANT, attempt, shrinking=False)
