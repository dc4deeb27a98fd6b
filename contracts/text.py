# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A sentence in the two languages of our users: Chinese first, English beside."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same statement in Chinese and in English; both are always present."""

    zh: str
    en: str

    def filled(self, **values: object) -> "Text":
        """Both sentences with their ``{name}`` places filled."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
