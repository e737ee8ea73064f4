"""Files in every store: kept once, named by their hash, part of chain, backup and export like all else (C3, R017)."""

from __future__ import annotations

import pytest

from deskterm.desk.commands import KeepFile
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.records.change import ChangeState
from deskterm.desk.records.file import MOST_BYTES, Attachment, attachment_of, packed, unpacked
from deskterm.store.base import Invalid, NotAllowed, NotFound
from tests.change_story import APPROVED_BY
from tests.store.conftest import Place
from tests.store.night import planned

pytestmark = pytest.mark.anyio

MAIL = b"From: ana@northwind.example\r\n\r\nI agree to change C-0017.\r\n"


async def test_a_file_is_kept_once_and_read_back_whole(place: Place) -> None:
    tom, lea = await place.open("Tom"), await place.open("Lea")
    first = await tom.submit(KeepFile(name="../approval.eml", content=packed(MAIL)))
    again = await lea.submit(KeepFile(name="other name.eml", content=packed(MAIL)))
    assert (first.events, again.events) == (1, 0)
    assert first.record_id == again.record_id
    kept = await lea.file(attachment_of("x", MAIL).digest)
    assert unpacked(kept.content) == MAIL
    assert kept.file.name == "approval.eml"
    assert await place.faults() == ()
    with pytest.raises(NotFound):
        await tom.file("0" * 64)


async def test_what_is_no_file_is_refused(place: Place) -> None:
    tom = await place.open("Tom")
    for content in ("", "not base64!", packed(b"x" * (MOST_BYTES + 1))):
        with pytest.raises(Invalid) as refused:
            await tom.submit(KeepFile(name="a", content=content))
        assert refused.value.field == "content"


@pytest.mark.kept_here
async def test_a_guest_keeps_no_file(place: Place) -> None:
    guest = await place.open()
    guest.me = Operator(name="stranger", level="guest")
    with pytest.raises(NotAllowed):
        await guest.submit(KeepFile(name="a", content=packed(b"x")))


async def test_an_approval_names_the_file_that_holds_it(place: Place) -> None:
    """C3: the hash is in the event, and a file that was never kept is no evidence."""
    night = await planned(place)
    await night.fills_the_form()
    for command in (c.SubmitChange, c.AssessChange, c.SendForm):
        await night.does(night.tom, command)
    file = attachment_of("approval.eml", MAIL)
    with pytest.raises(Invalid) as refused:
        await night.does(night.lea, c.RecordApproval, **APPROVED_BY, file=file)
    assert refused.value.field == "file"
    assert await night.state() is ChangeState.AWAITING
    await night.lea.submit(KeepFile(name="approval.eml", content=packed(MAIL)))
    lie = Attachment(name="approval.eml", size=1, digest=file.digest)
    with pytest.raises(Invalid):
        await night.does(night.lea, c.RecordApproval, **APPROVED_BY, file=lie)
    await night.does(night.lea, c.RecordApproval, **APPROVED_BY, file=file)
    view = await night.tom.change(night.id)
    assert view.change.approval is not None
    assert view.change.approval.file == file
    assert any(f"attached {file.words}" in entry.text for entry in view.timeline)


@pytest.mark.kept_here
async def test_files_survive_rebuilding_and_travel_with_an_export(place: Place) -> None:
    tom = await place.open("Tom")
    await tom.submit(KeepFile(name="approval.eml", content=packed(MAIL)))
    await tom.rebuild()
    assert (await tom.file(attachment_of("x", MAIL).digest)).file.size == len(MAIL)
    lines: list[str] = []
    await tom.export(lines.append)
    assert sum(packed(MAIL) in line for line in lines) == 1
