"""Setting a system up: tables, policy, master data. The command line and the demo call these."""

from pathlib import Path

from deployments.workbooks import read_lines
from models.calendars import load_calendar_file
from models.migrating import migrate
from models.policy import load_policy_file
from models.queries import calendars, policies
from models.queries.master_data import Imported, bring_in
from tasks.database import engine, transaction


def migrate_database(*, rehearsal: bool) -> None:
    """Brings the tables to this version; a new database becomes a rehearsal or a real one."""
    with engine().connect() as connection:
        migrate(connection, rehearsal=rehearsal)
        connection.commit()


def load_policy(file: Path) -> bool:
    """Makes a policy file the policy from its day on; raises InvalidInput that names file, line and place.

    A file that is in force or to come already changes nothing. A policy that somebody applied with `aftersales policy`
    stays while the file is as it was before: whether the file was taken.
    """
    content = load_policy_file(file)
    with transaction() as session:
        if policies.is_older_than_what_was_applied(session, content):
            return False
        policies.keep(session, content)
        return True


def load_calendars(file: Path) -> list[str]:
    """Records the calendars of a file that are not there yet.

    Returns the names of those that are there and differ: what counts by them moves only when somebody says so
    (`aftersales calendar`). Raises InvalidInput that names file and place.
    """
    differing = []
    with transaction() as session:
        known = {version.name: version.content for version in calendars.all_current(session)}
        for name, content in load_calendar_file(file).items():
            if name not in known:
                calendars.keep(session, name, content, "operator", "")
            elif known[name] != content:
                differing.append(name)
    return differing


def import_files(source: Path) -> Imported:
    """Brings master data in, whole or not at all."""
    lines = read_lines(source)
    with transaction() as session:
        done = bring_in(session, lines)
        if done.rejected:
            session.rollback()
            return Imported(rejected=done.rejected)
        return done
