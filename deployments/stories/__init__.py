"""Stories (演示情节): cases that the demo plays from their beginning to their end, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from deployments.stories import (
    batch_quality_dispute,
    claim,
    information_feedback,
    parts_return,
    parts_swap,
    repair_station,
)
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
        Story(
            "claim",
            N_("A consumer's claim climbs level by level, one of which is silent, up to a final ruling."),
            claim.play,
        ),
        Story(
            "repair-station",
            N_("A repair shop becomes a station: visited, approved, lent parts, trained, published to its shops."),
            repair_station.play,
        ),
        Story(
            "parts-swap",
            N_("A station swaps faulty parts for good ones; what the counter lacks is issued the same day."),
            parts_swap.play,
        ),
        Story(
            "parts-return",
            N_(
                "An office returns faulty parts: counted, judged, exchanged piece for piece, claimed on their supplier."
            ),
            parts_return.play,
        ),
        Story(
            "information-feedback",
            N_("A month's quality information: one station is silent, the form goes out, a batch is disputed."),
            information_feedback.play,
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
