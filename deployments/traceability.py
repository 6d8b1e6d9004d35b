"""Writes docs/manual.md: each article of manual 000, and where it is carried out. `make manual`."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.manual import ARTICLES, Article, cited_in
from models.policy import load_policy_file, read_policy
from models.sources import Source
from tasks.procedures import PROCEDURES

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "manual.md"
POLICY = HOME / "policies" / "lighting.yaml"
_CODE = ("flows", "tasks", "models", "deployments")

HEAD = """# Where the manual is carried out

Written by `make manual` from the code, the policy and the tests; a test fails when this page is out of date, or when an
article points nowhere. A place such as `四.1 art. 3` is chapter 四, first rule set, article 3 of manual 000; chapter
一 has no numbers, its items are counted here. What an article asks for is told in our words.

"""

Found = dict[str, list[str]]


def page() -> str:
    """The page as it should stand in docs/manual.md."""
    procedures, code, values, tests = of_procedures(), of_code(), of_policy(), of_tests()
    parts = [HEAD]
    for article in ARTICLES:
        parts.append(f"## {article.place}\n\n{article.asks}\n\n")
        rows = (
            ("Procedure", procedures[article.place]),
            ("Steps, forms and rules", code[article.place]),
            ("Policy", values[article.place]),
            ("Tests", tests[article.place]),
            ("Left to", [article.left_to] if article.left_to else []),
        )
        parts += [f"- {title}: {', '.join(found)}\n" for title, found in rows if found]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def pointing_nowhere() -> list[Article]:
    """Articles that neither somebody is named for, nor code carries out and a test tries."""
    code, values, tests = of_code(), of_policy(), of_tests()
    return [
        one for one in ARTICLES if not one.left_to and not ((code[one.place] or values[one.place]) and tests[one.place])
    ]


def of_procedures() -> Found:
    """Procedures by the articles they name as their own."""
    found: Found = defaultdict(list)
    for procedure in PROCEDURES.values():
        for place in cited_in(procedure.manual):
            found[place].append(f"{procedure.title} ({procedure.code})")
    return found


def of_code() -> Found:
    """Functions, classes and modules of the product by the articles that their docstrings name."""
    return _by_article(file for folder in _CODE for file in sorted((HOME / folder).rglob("*.py")))


def of_tests() -> Found:
    """Test modules and tests by the articles that their docstrings name."""
    return _by_article(sorted((HOME / "tests").rglob("test_*.py")))


def of_policy() -> Found:
    """Places of the lighting policy by the article that is their source."""
    found: Found = defaultdict(list)
    for place, origin in read_policy(load_policy_file(POLICY)).sources.items():
        if origin.source is Source.MANUAL:
            for article in cited_in(origin.article):
                found[article].append(f"`{place}`")
    return found


def _by_article(files: Iterable[Path]) -> Found:
    found: Found = defaultdict(list)
    for file in files:
        if file.stem in {"manual", "traceability"}:
            continue
        for name, told in _docstrings(file):
            for place in dict.fromkeys(cited_in(told)):
                found[place].append(f"`{name}`")
    return found


def _docstrings(file: Path) -> Iterator[tuple[str, str]]:
    module = ".".join(file.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            name = module if isinstance(node, ast.Module) else f"{module}.{node.name}"
            yield name, ast.get_docstring(node) or ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
