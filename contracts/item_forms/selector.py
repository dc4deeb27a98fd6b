# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which items a form serves: whole codes, or codes with one star for any run of characters.

The old item codes begin with the basic code, the new ones end with it; so the star may stand anywhere.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Selector:
    """One entry of ``items``: what stands before the star and after it. Without a star ``after`` is None."""

    before: str
    after: str | None

    @classmethod
    def of(cls, text: str) -> "Selector | None":
        """None for more than one star, or a star alone."""
        before, star, after = text.partition("*")
        if "*" in after or text == "*":
            return None
        return cls(before, after if star else None)

    @property
    def weight(self) -> tuple[bool, int]:
        """The more is said, the better it fits: a whole code beats a star, then more characters beat fewer."""
        return self.after is None, len(self.before) + len(self.after or "")

    def takes(self, item: str) -> bool:
        """Whether the item's code is one of these."""
        if self.after is None:
            return item == self.before
        fits = len(item) >= len(self.before) + len(self.after)
        return fits and item.startswith(self.before) and item.endswith(self.after)

    def rivals(self, other: "Selector") -> bool:
        """Whether some code fits both equally well, so that neither could be said to be meant."""
        if self.weight != other.weight:
            return False
        if self.after is None or other.after is None:
            return self == other
        heads = self.before.startswith(other.before) or other.before.startswith(self.before)
        return heads and (self.after.endswith(other.after) or other.after.endswith(self.after))

    def __str__(self) -> str:
        return self.before if self.after is None else f"{self.before}*{self.after}"
