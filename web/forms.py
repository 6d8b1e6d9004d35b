"""Forms (表单) on pages, from the same JSON schema as Prefect's: shown, sent, turned into an answer, shown again.

    sheet = Sheet(Form.named(task.form), task.facts, zone)
    entry = sheet.fresh()                     # nothing filled in but the form's own defaults
    entry = sheet.posted(form)                # what somebody sent
    if not sheet.pressed(entry, form):        # whether a button added or removed a line; then show it again
        entry = sheet.touched(entry)          # without lines that nobody filled in
        decide(ref, sheet.answer(entry), …)   # on InvalidInput: page(…, sheet=sheet.shown(entry, error.fields))

The page shows `sheet.shown(entry)` with the macros of form.html.j2. What was typed stays as it is, whatever becomes of
the answer.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from models.forms import Facts, Form
from models.language import N_, _
from web.fields import Sent, Text
from web.lists import Fields, Lines

#: The name of the buttons that change how many lines there are: `add:lines.1`, `each:lines`, `remove:lines.0`.
BUTTON = "do"
#: How many lines a button adds at most.
MORE_LINES = 10

#: What people typed, as text, in the shape of the answer: {"lines": [{"part": "P-001", "pieces": "3"}]}.
Entry = dict[str, Any]


@dataclass(frozen=True)
class ShownLine:
    """A line of a list with its fields; `number` is as people count."""

    place: str
    name: str
    number: int
    fault: str
    fields: tuple["Shown", ...]

    @property
    def id(self) -> str:
        """To be jumped to."""
        return self.name.replace(".", "-")


@dataclass(frozen=True)
class Shown:
    """A field as it is shown: at its place, such as lines.0.part, with what was typed and what is wrong with it.

    `name` is that of its input, `answer.lines.0.part`.
    """

    field: Text
    place: str
    name: str
    typed: Any
    fault: str
    lines: tuple[ShownLine, ...] = ()

    @property
    def id(self) -> str:
        """Of its input."""
        return self.name.replace(".", "-")

    @property
    def described_by(self) -> str:
        """The ids of what is to be read with it: its description, its fault."""
        parts = (("hint", self.field.description), ("fault", self.fault))
        return " ".join(f"{self.id}-{part}" for part, text in parts if text)


@dataclass(frozen=True)
class Fault:
    """What is wrong, for the summary above a form: where people find it, and the id to jump to, if it has one."""

    where: str
    sentence: str
    id: str = ""


@dataclass(frozen=True)
class ShownSheet:
    """A form as it is shown, with its faults in the order of the page; those of the form as a whole come first."""

    fields: tuple[Shown, ...]
    faults: tuple[Fault, ...]


class Sheet:
    """A form with the choices that `facts` leave open; times are typed in `zone`.

    The names of its inputs begin with `prefix`, so that two forms may stand on one page, and no field is taken for
    something else of the page. The fields `without` are not asked: who shows the form knows them. Of what a form takes
    as text, `choices` may name what there is, by field: codes and labels.
    """

    def __init__(
        self,
        form: type[Form],
        facts: Facts,
        zone: ZoneInfo,
        prefix: str = "answer",
        *,
        without: Collection[str] = (),
        choices: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        schema = form.schema_for(facts, labels=True)
        properties = {name: one for name, one in schema["properties"].items() if name not in without}
        for name, codes in (choices or {}).items():
            properties[name] = {**properties[name], "enum": list(codes.values()), "codes": list(codes)}
        self.fields = Fields({**schema, "properties": properties}, zone)
        self.prefix = f"{prefix}."

    def fresh(self) -> Entry:
        """Nothing filled in but the form's own defaults, and one empty line in a list that needs one."""
        return self.fields.fresh()

    def filled(self, answer: Mapping[str, Any]) -> Entry:
        """An answer, in codes, as if somebody had typed it."""
        return self.fields.filled(answer)

    def posted(self, sent: Sent) -> Entry:
        """What was typed, whatever it is worth."""
        return self.fields.posted(sent, self.prefix)

    def pressed(self, entry: Entry, sent: Sent) -> bool:
        """Whether a button was pressed that adds or removes lines; then it has done so in `entry`."""
        button = next((one for one in sent.getlist(BUTTON) if isinstance(one, str)), "")
        what, _colon, place = button.partition(":")
        name, _dot, number = place.partition(".")
        field = self.fields.fields.get(name)
        if not isinstance(field, Lines):
            return False
        typed: list[Any] = entry[name]
        if what == "add":
            field.add(typed, MORE_LINES if number == str(MORE_LINES) else 1)
        elif what == "each":
            field.add_each(typed)
        elif what == "remove" and number in map(str, range(len(typed))):
            del typed[int(number)]
        return what in {"add", "each", "remove"}

    def touched(self, entry: Entry) -> Entry:
        """Without lines in which nothing was filled in, so that faults name lines as they are shown."""
        lists = {name: field for name, field in self.fields.fields.items() if isinstance(field, Lines)}
        return entry | {name: field.touched(entry[name]) for name, field in lists.items()}

    def answer(self, entry: Entry) -> dict[str, Any]:
        """The answer in codes, to be checked by the form; what is empty is left out, what is no number stays text."""
        return self.fields.answer(entry)

    def shown(self, entry: Entry, faults: Mapping[str, str] | None = None) -> ShownSheet:
        """The fields with what was typed and their faults, which `InvalidInput.fields` names by place."""
        found = faults or {}
        fields = tuple(self._shown(self.fields, entry, found, ""))
        at_fields = list(_faults(fields))
        placed = {place for place, _fault in at_fields}
        whole = [Fault("", sentence) for place, sentence in found.items() if place not in placed]
        return ShownSheet(fields, (*whole, *(fault for _place, fault in at_fields if fault.sentence)))

    def _shown(self, fields: Fields, entry: Entry, faults: Mapping[str, str], before: str) -> Iterator[Shown]:
        for name, field in fields.fields.items():
            place, typed = f"{before}{name}", entry[name]
            lines = self._lines(field, typed, faults, place) if isinstance(field, Lines) else ()
            yield Shown(field, place, f"{self.prefix}{place}", typed, faults.get(place, ""), tuple(lines))

    def _lines(self, field: Lines, typed: list[Any], faults: Mapping[str, str], place: str) -> Iterator[ShownLine]:
        for number, one in enumerate(typed):
            at = f"{place}.{number}"
            fields = tuple(self._shown(field.line, one, faults, f"{at}."))
            yield ShownLine(at, f"{self.prefix}{at}", number + 1, faults.get(at, ""), fields)


def _faults(fields: tuple[Shown, ...], before: str = "") -> Iterator[tuple[str, Fault]]:
    """Every place of the form, with what is wrong there or nothing."""
    for one in fields:
        yield one.place, Fault(before + one.field.title, one.fault, one.id)
        for line in one.lines:
            where = _(N_("{list}, line {number}"), list=one.field.title, number=line.number)
            yield line.place, Fault(before + where, line.fault, line.id)
            yield from _faults(line.fields, f"{before}{where}: ")
