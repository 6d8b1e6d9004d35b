"""Pages as a browser understands them: their forms, what stands in the fields, and what a button would send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
from browsing import Browser, Site
from starlette.datastructures import FormData

#: Names and values in the order of the page.
Inputs = list[tuple[str, str]]
_NO_TEXT = {"submit", "button", "file", "image", "reset"}


@dataclass
class Control:
    """An input, a choice of a list, a text area or a button."""

    name: str
    value: str
    kind: str = "text"
    on: bool = True
    action: str = ""


@dataclass
class PageForm:
    """A form of a page."""

    action: str
    method: str
    enctype: str
    controls: list[Control] = field(default_factory=list)

    def named(self, name: str) -> list[Control]:
        """The controls of a name."""
        return [one for one in self.controls if one.name == name]

    def fill(self, name: str, *values: str) -> None:
        """Types into a field, or chooses of several; raises if the page offers no such thing."""
        found = self.named(name)
        assert found, f"there is no field {name}"
        if found[0].kind in {"radio", "checkbox", "option"}:
            offered = {one.value for one in found}
            assert set(values) <= offered, f"{name}: {values} is not offered, but {sorted(offered)}"
            for one in found:
                one.on = one.value in values
        else:
            (found[0].value,) = values

    def sends(self, button: str = "") -> Inputs:
        """What goes out when the button with this value is pressed."""
        sent = [(one.name, one.value) for one in self.controls if one.on and one.kind not in _NO_TEXT and one.name]
        for one in self.controls:
            if one.kind == "submit" and one.name and one.value == button:
                return [*sent, (one.name, one.value)]
        assert not button, f"there is no button {button}"
        return sent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self._form: PageForm | None = None
        self._select = ""
        self._options: list[Control] = []
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            assert self._form is None, "a form in a form"
            self._form = PageForm(given.get("action", ""), given.get("method", "get"), given.get("enctype", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input":
            kind = given.get("type", "text")
            on = "checked" in given or kind not in {"radio", "checkbox"}
            self._form.controls.append(Control(name, value, kind, on))
        elif tag == "button":
            kind = given.get("type", "submit")
            self._form.controls.append(Control(name, value, kind, True, given.get("formaction", "")))
        elif tag == "textarea":
            self._area = Control(name, "")
            self._form.controls.append(self._area)
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append(Control(self._select, value, "option", "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None
        elif tag == "select" and self._form is not None:
            if not any(one.on for one in self._options):
                self._options[0].on = True
            self._form.controls += self._options
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data
        else:
            self.text.append(data)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.ids) == len(set(reader.ids)), "an id stands twice"
    return reader


def forms_of(html: str) -> list[PageForm]:
    """The forms of a page; every id on it stands there once."""
    return _read(html).forms


def form_to(html: str, action: str) -> PageForm:
    """The form of a page that goes to `action`."""
    found = [one for one in forms_of(html) if one.action.partition("#")[0] == action]
    assert found, f"no form goes to {action}"
    return found[0]


def data_of(inputs: Inputs) -> FormData:
    """Inputs as an application gets them: line breaks come as CR LF."""
    return FormData([(name, value.replace("\r\n", "\n").replace("\n", "\r\n")) for name, value in inputs])


def fields_of(inputs: Inputs) -> dict[str, Any]:
    """Inputs for httpx."""
    sent: dict[str, Any] = {}
    for name, value in inputs:
        sent.setdefault(name, []).append(value)
    return sent


def said(html: str) -> Iterator[str]:
    """The texts of a page, as they stand on it."""
    return (" ".join(one.split()) for one in _read(html).text if one.strip())


def press(browser: Browser, html: str, action: str, button: str = "", **typed: str | Sequence[str]) -> httpx.Response:
    """Fills in the form of a page that goes to `action`, and presses a button of it.

    Names of fields are written with `__` in the place of dots: `answer__lines__0__part="P-001"`.
    """
    form = form_to(html, action)
    for name, values in typed.items():
        form.fill(name.replace("__", "."), *([values] if isinstance(values, str) else values))
    return browser.post(action, data=fields_of(form.sends(button)), headers={"origin": browser.public})


def reader(site: Site, login: str) -> Browser:
    """Somebody who has signed in and reads English here, whatever language their letters are in."""
    browser = site.signed_in(login)
    browser.cookies.set("aftersales-language", "en")
    return browser


def lines_of(browser: Browser, path: str) -> list[str]:
    """The texts of a page that is there."""
    response = browser.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return list(said(response.text))
