"""What can go wrong for a person, as few classes, each with a code that programs may rely on."""

import re
from collections.abc import Mapping

from models.language import N_, _

#: Which line of a list, from zero; a name that somebody invented may be a number of any length.
_POSITION = re.compile("[0-9]{1,6}")


class AfterSalesError(Exception):
    """The root: a code for programs, a sentence for people, an exit status for the command line."""

    code = "error"
    exit_status = 1

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text)
        self.text = text
        self.facts = facts

    @property
    def message(self) -> str:
        """The sentence, in the language in force."""
        return _(self.text, **self.facts)

    @property
    def fields(self) -> dict[str, str]:
        """What was wrong with which field, or the facts that a program may want."""
        return {name: str(value) for name, value in self.facts.items()}

    def __str__(self) -> str:
        return self.message


class InvalidInput(AfterSalesError):
    """A field is missing or wrong; nothing was changed."""

    code = "invalid_input"
    exit_status = 2

    def __init__(self, fields: dict[str, str], titles: Mapping[str, str] | None = None) -> None:
        super().__init__(N_("This input cannot be taken: {faults}"))
        self._fields = fields
        self._titles = titles or {}

    @property
    def message(self) -> str:
        """Every fault in one sentence each, in front the field as people see it in the form."""
        shown = ((self._title_of(place), fault) for place, fault in self._fields.items())
        return _(self.text, faults=" ".join(f"[{title}] {fault}" if title else fault for title, fault in shown))

    def _title_of(self, place: str) -> str:
        """The titles on the way to a place such as lines.0.part, with its line as people count them: from one."""
        names: list[str] = []
        titles: list[str] = []
        for step in place.split("."):
            if titles and _POSITION.fullmatch(step):
                titles[-1] += f" {int(step) + 1}"
            else:
                names.append(step)
                titles.append(self._titles.get(".".join(names), step))
        return ", ".join(titles) if names[0] in self._titles else place

    @property
    def fields(self) -> dict[str, str]:
        """Field name to what was wrong and what would be right."""
        return self._fields


class NotFound(AfterSalesError):
    """There is no such case, task, person or procedure."""

    code = "not_found"
    exit_status = 4


class NotAllowed(AfterSalesError):
    """This person may not do this."""

    code = "not_allowed"
    exit_status = 3


class SeparationOfDuties(AfterSalesError):
    """The policy wants two different people for two steps of one case."""

    code = "separation_of_duties"
    exit_status = 3


class AlreadyDecided(AfterSalesError):
    """Somebody else was first; the sentence says who and when."""

    code = "already_decided"
    exit_status = 3


class AlreadyReported(AfterSalesError):
    """The same matter is open under another number; the sentence says which."""

    code = "already_reported"
    exit_status = 3


class CaseEnded(AfterSalesError):
    """The case is closed or withdrawn; nothing more can happen in it."""

    code = "case_ended"
    exit_status = 3


class NotInStock(AfterSalesError):
    """More pieces are to leave an account of the stock ledger than it holds."""

    code = "not_in_stock"
    exit_status = 3


class NotARehearsal(AfterSalesError):
    """The clock of a real system cannot be set."""

    code = "not_a_rehearsal"
    exit_status = 3


class Unavailable(AfterSalesError):
    """Something the system stands on does not answer: PostgreSQL, Prefect or the mail server."""

    code = "unavailable"
    exit_status = 1
