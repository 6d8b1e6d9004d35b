"""Writing pages: a template of `web/templates` with the facts of the request, in the language in force."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from models.language import catalogue, spoken_language
from web.language import NAMES

TEMPLATES = Path(__file__).parent / "templates"


def page(request: Request, template: str, status: int = 200, /, **facts: object) -> HTMLResponse:
    """The page `template`, such as `inbox.html.j2`, with `facts`.

    Every template also knows `visitor` (or None), `csrf`, `language`, `languages` and `here`, the path of the page.
    """
    visitor = getattr(request.state, "visitor", None)
    context = {
        "visitor": visitor,
        "csrf": visitor.csrf if visitor else "",
        "company": visitor.company if visitor else "",
        "language": spoken_language(),
        "languages": NAMES,
        "here": request.url.path,
        **facts,
    }
    return HTMLResponse(environment(spoken_language()).get_template(template).render(context), status)


@cache
def environment(language: str) -> Environment:
    """The templates in a language; whatever people wrote is escaped in them."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    return found
