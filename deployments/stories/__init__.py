"""Stories (演示情节): cases that the demo plays from their beginning to their end, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from deployments.stories import batch_quality_dispute
from models.errors import NotFound
from models.language import N_, _


@dataclass(frozen=True)
class Story:
    """A name for the command line, a title for people, and what plays it on a running system: a case's number."""

    name: str
    title: str
    play: Callable[[], str]


STORIES: dict[str, Story] = {
    one.name: one
    for one in (
        Story(
            "batch-quality-dispute",
            N_("A dealer reports a bad batch: it is judged on site, comes back and is credited."),
            batch_quality_dispute.play,
        ),
    )
}

#: What a plain `aftersales demo` plays.
FIRST = "batch-quality-dispute"


def by_name(name: str) -> Story:
    """The story with this name; raises NotFound."""
    if name not in STORIES:
        raise NotFound(N_("There is no story {name}; there are: {names}."), name=name, names=", ".join(STORIES))
    return STORIES[name]


def others_than(name: str) -> list[tuple[str, str]]:
    """The other stories: name, and title in the language in force."""
    return [(one.name, _(one.title)) for one in STORIES.values() if one.name != name]
