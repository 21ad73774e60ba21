"""What clients of a server that is killed were told, and whether it is still so after a restart. Pure."""

import dataclasses
from typing import Any


@dataclasses.dataclass
class Change:
    """One write of one policy. `wanted` is its description, None: a deletion."""
    request: Any
    wanted: str | None


class PolicyEntry:
    """One name; its writes come one after the other."""

    def __init__(self, name):
        self.name = name
        # What the last answer said: the policy, or None where there is none.
        self.told = None
        # The write that was answered last, and the one that was not answered.
        self.last = None
        self.open = None

    def answered(self, policy):
        self.told, self.last, self.open = policy, self.open, None

    def complaints(self, found):
        """`found`: the policy as it is now, or None."""
        if found == self.told:
            return []
        if self.open and (found.description if found else None) == self.open.wanted:
            return []
        shown = "not there" if found is None else f"{found.description} with etag {found.etag}"
        told = "not there" if self.told is None else f"{self.told.description} with etag {self.told.etag}"
        return [f"{self.name} is {shown}, told was: {told}, asked for: {self.open.wanted if self.open else 'nothing'}"]

    def is_done(self, found):
        """Whether the open write was carried out before the kill."""
        return found != self.told


@dataclasses.dataclass
class Ending:
    """One TerminateCall. `name` is the termination that was told; empty: it was not answered."""
    request: Any
    name: str = ""

    def complaints(self, by_note):
        """`by_note`: the terminations that are there, by their notes."""
        found = by_note.get(self.request.note, [])
        if len(found) > 1:
            return [f"{self.request.note} made {found}"]
        if self.name and found != [self.name]:
            return [f"{self.name} ({self.request.note}) was told, and there is {found or 'nothing'}"]
        return []
