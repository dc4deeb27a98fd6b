# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every partition belongs to somebody, and no hub has two more than another."""

import pytest

from hub.journal.ownerships import _share


@pytest.mark.parametrize("partitions", [1, 4, 16, 17])
@pytest.mark.parametrize("hubs", [1, 2, 3, 5, 20])
def test_shares_are_even_and_leave_nothing_over(partitions: int, hubs: int) -> None:
    shares = [_share(partitions, hubs, before) for before in range(hubs)]
    assert sum(shares) == partitions
    assert max(shares) - min(shares) <= 1
