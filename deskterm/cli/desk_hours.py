"""`deskterm desk due` and `deskterm desk open`: when something falls due, and who is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import command, pass_shell
from deskterm.cli.desk_named import read_named
from deskterm.cli.kinds import WORDS
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.deskfile.centres import Openings, Place
    from deskterm.desk.hours import Due, Hours, Span
    from deskterm.desk.hours.promises import Calendar

_DESK_OPTION = click.option(
    "--desk", "file", metavar="FILE", type=click.Path(path_type=Path), help="A desk file or a sample; else your desk."
)


@command("due")
@_DESK_OPTION
@click.option("--calendar", "name", metavar="NAME", type=WORDS, help="The calendar of the desk file to count in.")
@click.option("--zone", metavar="ZONE", type=WORDS, help="Instead of a desk file: the zone, such as Europe/London.")
@click.option(
    "--hours", "weekly", metavar="HOURS", type=WORDS, help='"Mon-Fri 09:00-17:30; Sat 09:00-12:00" or always.'
)
@click.option("--holidays", metavar="REGION", type=WORDS, multiple=True, help="Whose public holidays, such as GB-ENG.")
@click.option("--from", "start", metavar="WHEN", help="Where to begin: 2026-03-27T17:00+00:00; else now.")
@click.option(
    "--target", metavar="LENGTH", type=WORDS, required=True, help="How long: 30m, 4h, 1h30m; 5d are working days."
)
@click.option("--pause", "pauses", metavar="FROM/TO", multiple=True, help="Time that does not count.")
@pass_shell
def desk_due(
    shell: Shell, file: Path | None, name: str | None, zone: str | None, weekly: str | None,
    holidays: tuple[str, ...], start: str | None, target: str, pauses: tuple[str, ...],
) -> None:  # fmt: skip
    """Say when a target falls due, and what counts.

    deskterm desk due --desk follow-the-sun --calendar uk --from 2026-03-27T17:00Z --target 4h
    """
    tried = (zone, weekly, *holidays)
    if any(tried) and (file or name):
        raise click.UsageError("Name a calendar of a desk, or try out hours of your own; not both.")
    calendar = _tried(zone, weekly, holidays) if any(tried) else _named(_desk(shell, file), name)
    from deskterm.desk.hours import due, hours_of, length
    from deskterm.desk.hours.public_holidays import UnknownHolidays
    from deskterm.desk.hours.wall import OutOfReach

    try:
        length(target)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--target") from None
    begin = _moment(shell, start, calendar.zone, "--from")
    still = [_interval(shell, each, calendar.zone) for each in pauses]
    try:
        found = due(hours_of(calendar), begin, target, still)
    except (OutOfReach, UnknownHolidays) as error:
        raise Refused(str(error), "hours") from None
    counted = sum((end - from_ for from_, end in found.counted), timedelta())
    answer = {
        "calendar": calendar.name, "zone": calendar.zone, "from": begin, "target": target,
        "pauses": [_span_json(each) for each in still], "due": found.at,
        "spans": [_span_json(each) for each in found.counted], "counted_seconds": counted.total_seconds(),
    }  # fmt: skip
    shell.answer(answer, lambda: _due_page(hours_of(calendar), begin, found))


@command("open")
@_DESK_OPTION
@click.option("--at", metavar="WHEN", help="The moment to look at: 2026-03-27T17:00Z, 17:00, tomorrow 09:00; else now.")
@pass_shell
def desk_open(shell: Shell, file: Path | None, at: str | None) -> None:
    """Say which centres are open, and what opens next."""
    found = _desk(shell, file)
    from deskterm.desk.deskfile.centres import openings
    from deskterm.desk.hours.public_holidays import UnknownHolidays
    from deskterm.desk.hours.wall import OutOfReach

    try:
        seen = openings(found, _moment(shell, at, found.desk.zone, "--at"))
    except (OutOfReach, UnknownHolidays) as error:
        raise Refused(str(error), "hours") from None
    answer = {
        "desk": found.desk.name, "zone": found.desk.zone, "at": seen.at, "centres": seen.centres, "lines": seen.lines,
        "opens_next": seen.opens_next, "changes_at": seen.changes_at,
    }  # fmt: skip
    shell.answer(answer, lambda: _open_page(found, seen))


def _desk(shell: Shell, file: Path | None) -> DeskFile:
    """The desk that a file describes, or the one in force."""
    return read_named(file)[1] if file else shell.work(lambda store: store.desk())


def _named(desk: DeskFile, name: str | None) -> Calendar:
    from deskterm.desk.deskfile.centres import calendar_named
    from deskterm.desk.deskfile.words import unknown

    known = [each.name for each in desk.calendar]
    if not known:
        raise Refused("The desk has no calendars; try hours of your own with --zone and --hours.", "not_found")
    found = calendar_named(desk, name) if name else desk.calendar[0] if len(known) == 1 else None
    if found is None:
        raise click.BadParameter(
            unknown(name, "calendar", known) if name else f"Name one of {', '.join(known)}.", param_hint="--calendar"
        )
    return found


def _tried(zone: str | None, weekly: str | None, holidays: tuple[str, ...]) -> Calendar:
    """A calendar made of options."""
    from pydantic import ValidationError

    from deskterm.desk.deskfile.words import explain
    from deskterm.desk.hours.promises import Calendar

    if not zone or not weekly:
        raise click.UsageError("Hours of your own need both --zone and --hours.")
    try:
        return Calendar(name="tried", title="Hours tried out", zone=zone, hours=weekly, holidays=holidays)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise click.BadParameter(
            explain(("calendar", 0, *first["loc"]), first), param_hint=f"--{first['loc'][0]}"
        ) from None


def _moment(shell: Shell, typed: str | None, zone: str, option: str) -> datetime:
    from deskterm.desk.moment import UnclearMoment, moment

    try:
        return moment(typed or "now", shell.clock(), zone, ahead=True)
    except UnclearMoment as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def _interval(shell: Shell, typed: str, zone: str) -> Span:
    from deskterm.desk.hours import Span

    start, slash, end = typed.partition("/")
    if not (slash and start.strip() and end.strip()):
        raise click.BadParameter(f"{typed!r} has to be written as FROM/TO.", param_hint="--pause")
    found = Span(_moment(shell, start, zone, "--pause"), _moment(shell, end, zone, "--pause"))
    if found.end <= found.start:
        raise click.BadParameter(f"{typed!r} ends before it begins.", param_hint="--pause")
    return found


def _span_json(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end}


def _due_page(hours: Hours, start: datetime, found: Due) -> str:
    from zoneinfo import ZoneInfo

    from deskterm.cli.tables import table
    from deskterm.desk.wording import day_and_time

    zone = hours.calendar.zone
    there, rows, total = ZoneInfo(zone), [], timedelta()
    for day in hours.days(start, found.at):
        spans = [(max(a, c), min(b, d)) for a, b in day.spans for c, d in found.counted if max(a, c) < min(b, d)]
        note = day.note
        for begin, end in spans:
            total += end - begin
            clock = f"{begin.astimezone(there):%H:%M}", f"{end.astimezone(there):%H:%M}"
            rows.append((f"{day.date:%a} {day.date}", *clock, _length(end - begin), _length(total), note))
            note = ""
        if not spans and day.kind != "closed":
            rows.append((f"{day.date:%a} {day.date}", "", "", "", "", note or "Nothing counted"))
    said = f"Due {day_and_time(found.at, zone)} in {zone} ({found.at:%Y-%m-%d %H:%M} UTC)."
    return f"{said}\n\n{table(('Day', 'From', 'To', 'Counted', 'Together', 'Why'), rows)}".rstrip("\n")


def _length(time: timedelta) -> str:
    minutes, seconds = divmod(time, timedelta(minutes=1))
    rest = f" {seconds.total_seconds():g} s" if seconds else ""
    return f"{minutes // 60}:{minutes % 60:02}{rest}"


def _open_page(desk: DeskFile, seen: Openings) -> str:
    from deskterm.cli.tables import table
    from deskterm.desk.wording import day_and_time, when

    def until(place: Place) -> str:
        if place.changes_at is None:
            return "always" if place.is_open else "never opens"
        return f"{'until' if place.is_open else 'opens'} {when(place.changes_at, seen.at, desk.desk.zone)}"

    rows = [
        (each.kind.capitalize(), each.title, "● open" if each.is_open else "○ closed", until(each))
        for each in (*seen.centres, *seen.lines)
    ]
    said = f"{desk.desk.name}, {day_and_time(seen.at, desk.desk.zone)} in {desk.desk.zone}."
    parts = [said, table(("What", "Name", "Now", "Changes"), rows) or "The desk has neither centres nor line hours."]
    return "\n\n".join([*parts, *_next_words(desk, seen)])


def _next_words(desk: DeskFile, seen: Openings) -> list[str]:
    from deskterm.desk.wording import when
    from deskterm.text import printable

    place = seen.opens_next
    if place is None or place.changes_at is None:
        return []
    none = "" if any(each.is_open for each in seen.centres) else "No centre is open. "
    return [f"{none}{printable(place.title)} opens next, {when(place.changes_at, seen.at, desk.desk.zone)}."]
