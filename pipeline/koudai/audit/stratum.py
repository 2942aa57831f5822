"""A stratum of a probability sample: what it is called, how many posts it holds, and how many of them were drawn.

Promises: the names of strata of labels begin with how their posts are labelled and whether words contradict that. Holds
no post. Which post is of which stratum is not told here.
"""

from __future__ import annotations

from dataclasses import dataclass

GIVEN, FLAGS = ("labelled out", "labelled in"), ("not flagged", "flagged")
"""What the names of strata of labels say: how the posts are labelled, 0 or 1, and whether words contradict that."""


@dataclass(frozen=True)
class Stratum:
    """One stratum: its name, the posts it holds, and how many of them were drawn.

    Examples
    --------
    >>> Stratum("tagged", size=50, drawn=20).probability
    0.4
    """

    name: str
    size: int
    drawn: int

    @property
    def probability(self) -> float:
        """Probability of each of its posts to be drawn."""
        return self.drawn / self.size
