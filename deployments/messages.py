"""Collects every text for people into the catalogues: `make messages`. English texts are their own translation."""

import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from models.language import DOMAIN, LANGUAGES, LOCALE_FOLDER

HOME = Path(__file__).parent.parent
TEMPLATE = LOCALE_FOLDER / f"{DOMAIN}.pot"
#: Texts stand in these packages.
SOURCES = ("models", "tasks", "flows", "deployments", "web")


def collect() -> Catalog:
    """All texts that stand in code and letters now."""
    subprocess.run(
        [
            sys.executable, "-m", "babel.messages.frontend", "-q", "extract",
            "-F", str(LOCALE_FOLDER / "babel.cfg"), "-k", "_", "-k", "N_", "--no-location", "--sort-output",
            "--project", "after-sales-automation", "-o", str(TEMPLATE), *SOURCES,
        ],
        check=True,
        cwd=HOME,
    )  # fmt: skip
    with TEMPLATE.open("rb") as file:
        return read_po(file)


def catalogue_file(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update() -> None:
    """Brings the catalogues to the texts of now: new ones come in empty, gone ones leave, English ones are filled."""
    template = collect()
    for language in LANGUAGES:
        file = catalogue_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=language)
        if file.exists():
            with file.open("rb") as opened:
                catalogue = read_po(opened, locale=language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.project, catalogue.fuzzy = "after-sales-automation", False
        catalogue.header_comment = f"# {catalogue.locale_identifier}: every text a person reads."
        if language == "en":
            for message in catalogue:
                message.string = message.id if message.id else message.string
        with file.open("wb") as opened:
            write_po(opened, catalogue, omit_header=False, sort_output=True, width=110)


if __name__ == "__main__":
    update()
