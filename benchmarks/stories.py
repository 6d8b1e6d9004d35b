"""How long the stories of the demo take, each on a fresh system of its own, one after the other.

    python -m benchmarks.stories [NAME …]

The result is printed and written to `benchmarks/results/stories.md`.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deployments.stories import STORIES

RESULT = Path(__file__).parent / "results" / "stories.md"


def main() -> int:
    """Plays the stories named, or all; the exit status says whether each came to its end."""
    names = sys.argv[1:] or list(STORIES)
    rows, failed = [], []
    for name in names:
        seconds, status = played(name)
        failed += [name] if status else []
        rows.append(f"| `{name}` | {seconds:.0f} s |")
    total = sum(int(row.split("|")[2].split()[0]) for row in rows)
    table = "\n".join(["| story | from nothing to its end |", "|---|---|", *rows, f"| together | {total} s |"])
    told = (
        "# The stories of the demo\n\n"
        f"`python -m benchmarks.stories` on {os.cpu_count()} cores, {platform.platform()}, "
        f"Python {platform.python_version()}; each with a new database, Prefect server and worker.\n\n{table}\n"
    )
    sys.stdout.write(told)
    if not failed and not sys.argv[1:]:
        RESULT.write_text(told)
    sys.stdout.write(f"not ended: {', '.join(failed)}\n" if failed else "")
    return 1 if failed else 0


def played(name: str) -> tuple[float, int]:
    """Seconds that `aftersales demo --exit --story NAME` took, and its exit status."""
    with tempfile.TemporaryDirectory(prefix="aftersales-story-") as folder:
        started = time.monotonic()
        done = subprocess.run(
            [str(Path(sys.executable).with_name("aftersales")), "demo", "--exit", "--story", name],
            check=False,
            env={**os.environ, "AFTERSALES_DATA": f"{folder}/data"},
        )
        return time.monotonic() - started, done.returncode


if __name__ == "__main__":
    sys.exit(main())
