"""Sources (出处): where each value of a policy comes from, so that a company sees what it has still to confirm."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator
from pydantic_core import to_jsonable_python

from models.forms import fault
from models.labels import Labelled
from models.language import N_, _
from models.limits import Limit

#: A chapter such as `四.1` or `3.4.1`, the number of the manual in front where there are several, and then articles,
#: posts or titles: `000 四.1 art. 2 D`, `三 经理 F, 四.1 art. 3`, `五 维修点开发流程`.
_CHAPTER = r"(?:[0-9]{3}(?:-[0-9])? )?(?:[一二三四五六七八九十]+|[0-9]+)(?:\.[0-9]+)*"
_WITHIN = r"(?:art\. [0-9]+|[A-Z](?:-[A-Z])?|[\u4e00-\u9fff]+)"
_ARTICLE = re.compile(rf"{_CHAPTER}(?: {_WITHIN})*(?:, (?:{_CHAPTER}|{_WITHIN})(?: {_WITHIN})*)*")


class Source(Labelled):
    """Where a value comes from: the company's manual, what is usual in the trade, nobody yet, or the company's word."""

    MANUAL = "manual", N_("manual")
    PRACTICE = "practice", N_("usual practice")
    DEFAULT = "default", N_("default")
    COMPANY = "company", N_("company")

    @property
    def is_settled(self) -> bool:
        """Whether the company has said it, in its manual or since; the rest it has still to confirm."""
        return self in {Source.MANUAL, Source.COMPANY}


@dataclass(frozen=True)
class Origin:
    """The source of a value, and for one of the manual the article."""

    source: Source
    article: str = ""


UNSAID = Origin(Source.DEFAULT)
#: What a policy says of itself, not of how the company works.
_ABOUT_THE_FILE = frozenset({"sources", "effective_from"})


def read_origin(value: Any) -> Origin:
    """`manual 四.1 art. 3`, `practice`, `default` or `company`; a fault that says what would be right."""
    if isinstance(value, Origin):
        return value
    word, _space, article = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if word == Source.MANUAL and _ARTICLE.fullmatch(article):
        return Origin(Source.MANUAL, article)
    if word == Source.MANUAL:
        raise fault(N_("Name the article of the manual, for example «manual 四.1 art. 3»."))
    if article or word not in set(Source):
        raise fault(
            N_("«{value}» is not a source; write «manual» and the article, «practice», «default» or «company»."),
            value=value,
        )
    return Origin(Source(word))


Sources = dict[str, Annotated[Origin, BeforeValidator(read_origin)]]


def origin_of(place: str, sources: Mapping[str, Origin]) -> Origin | None:
    """What is said of the longest place that `place` lies in; None where nothing is said."""
    return next((sources[one] for one in _within(place) if one in sources), None)


def unknown_places(policy: BaseModel, written: Mapping[str, Any], sources: Mapping[str, Origin]) -> dict[str, str]:
    """Each place in `sources` that is none of the policy, with a sentence on what stands there."""
    known = {place for setting, _value in settings_of(policy, written) for place in _within(setting)}
    wrong = {}
    for place in [one for one in sources if one not in known]:
        above = next((one for one in _within(place) if one in known), "")
        named = sorted(one for one in known if one.rpartition(".")[0] == above)
        wrong[place] = _(N_("The policy has no such place; there are: {places}."), places=", ".join(named) or "–")
    return wrong


def _within(place: str) -> Iterator[str]:
    """A place and those that it lies in, itself first."""
    while place:
        yield place
        place = place.rpartition(".")[0]


def settings_of(policy: BaseModel, written: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each setting of a policy by its place, with its value as it is `written`, or else as the code has it.

    A limit is two settings, `limit` and `rungs`: a manual may give the time and not say who is told.
    """
    for name, value in policy:
        # Without its section a procedure is not run, and there is nothing to confirm.
        if name not in _ABOUT_THE_FILE and value is not None:
            yield from _settings(name, value, written.get(name))


def _settings(place: str, value: Any, written: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Limit):
        yield from _of_limit(place, written or value.model_dump(mode="json", exclude_defaults=True))
    elif isinstance(value, BaseModel) or (isinstance(value, Mapping) and value):
        for name, one in dict(value).items():
            yield from _settings(f"{place}.{name}", one, (written or {}).get(name))
    else:
        yield place, to_jsonable_python(value) if written is None else written


def _of_limit(place: str, written: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    time = {name: value for name, value in written.items() if name != "rungs"}
    yield f"{place}.limit", time if len(time) > 1 else time["limit"]
    yield f"{place}.rungs", written.get("rungs", [])
