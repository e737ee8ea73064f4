"""The fourth wall: no answer of the terminal becomes a key, and no input kills the keyboard."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from deskterm import input_guard
from deskterm.input_guard import ForgivingDecoder, GuardedParser, guard_input

ANSWERS = {
    "colour": b"\x1b]11;rgb:dddd/rrrr/dddd\x1b\\",
    "colour, BEL": b"\x1b]4;1;rgb:dd/dd/dd\x07",
    "title": b"\x1b]lddd rrr\x1b\\",
    "clipboard": b"\x1b]52;c;ZGRycg==\x1b\\",
    "version": b"\x1bP>|xterm(390)\x1b\\",
    "setting": b"\x1bP1$r0;1m\x1b\\",
    "terminfo": b"\x1bP1+r544e=787465726d\x1b\\",
    "device": b"\x1bP!|7E565445\x1b\\",
    "graphics": b"\x1b_Gi=31;OK\x1b\\",
    "privacy": b"\x1b^ddd\x1b\\",
    "start of string": b"\x1bXrrr\x1b\\",
    "attributes": b"\x1b[?62;1;4c",
    "second attributes": b"\x1b[>41;390;0c",
    "status": b"\x1b[0n",
    "window": b"\x1b[8;24;80t",
    "kitty flags": b"\x1b[?5u",
    "eight bits": "\x9d11;rgb:dd/dd/dd\x9c".encode(),
}


NOW = [1000.0]


@pytest.fixture(autouse=True, scope="module")
def _one_clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._parser.get_time", lambda: NOW[0])
        yield


class Keyboard:
    """A terminal's input line with a clock of its own, up to Textual's events."""

    def __init__(self) -> None:
        self.parser = GuardedParser(clock=lambda: NOW[0])
        self.decoder = ForgivingDecoder()

    def sends(self, *parts: bytes) -> list[Message]:
        """All that the app would hear of these reads, one after the other; reading nothing is no read."""
        return [event for part in parts if part for event in self._reads(part)]

    def _reads(self, part: bytes) -> Iterator[Message]:
        if text := self.decoder.decode(part):
            yield from self.parser.feed(text)
        yield from self.parser.tick()

    def waits(self, seconds: float) -> list[Message]:
        NOW[0] += seconds
        return list(self.parser.tick())


def keys(heard: list[Message]) -> list[str]:
    assert all(isinstance(event, events.Key) for event in heard), heard
    return [event.key for event in heard if isinstance(event, events.Key)]


def pastes(heard: list[Message]) -> list[str]:
    return [event.text for event in heard if isinstance(event, events.Paste)]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
def test_no_answer_presses_a_key_wherever_it_is_cut(answer: bytes) -> None:
    for cut in range(len(answer) + 1):
        keyboard = Keyboard()
        heard = keyboard.sends(b"a", answer[:cut], answer[cut:], b"z")
        assert keys(heard + keyboard.waits(3)) == ["a", "z"], cut


@pytest.mark.parametrize(
    ("typed", "pressed"),
    [
        (b"\x1b", ["escape"]),
        (b"\x1b]", ["right_square_bracket"]),
        (b"\x1bP", ["alt+shift+p"]),
        (b"\x1bx", ["alt+x"]),
        (b"\x1b[", ["left_square_bracket"]),
        (b"\x1b[A", ["up"]),
        (b"\x1bOP", ["f1"]),
        (b"\x1b[13~", ["f3"]),
        (b"\x1b[7$", ["shift+home"]),
        (b"\x1b[c", ["shift+right"]),
        (b"\x1b[97;3u", ["alt+a"]),
        (b"\x1b\x1b", ["escape", "escape"]),
        ("Größe 漢".encode(), ["G", "r", "ö", "ß", "e", "space", "漢"]),
    ],
)
def test_what_a_person_types_arrives(typed: bytes, pressed: list[str]) -> None:
    for cut in range(len(typed) + 1):
        keyboard = Keyboard()
        heard = keyboard.sends(typed[:cut], typed[cut:])
        heard += keyboard.waits(0.11) + keyboard.waits(0.11) + keyboard.sends(b"q")
        assert [key.replace("circumflex_accent", "escape") for key in keys(heard)] == [*pressed, "q"], cut


def test_textuals_own_questions_are_answered() -> None:
    heard = Keyboard().sends(b"\x1b[?2026;2$y", b"\x1b[48;24;80;480;800t", b"\x1b[<0;5;6M", b"\x1b[I")
    names = [type(event).__name__ for event in heard]
    assert names == ["TerminalSupportsSynchronizedOutput", "Resize", "MouseDown", "AppFocus"]


def test_a_paste_is_one_event_wherever_it_is_cut() -> None:
    sent = b"\x1b[200~a\r\nb\x1b[31m\xc3\xa9\x00\rc\x1b[201~"
    for cut in range(len(sent) + 1):
        heard = Keyboard().sends(b"x", sent[:cut], sent[cut:], b"y")
        assert pastes(heard) == ["a\nb[31mé\nc"], cut
        assert keys([event for event in heard if not isinstance(event, events.Paste)]) == ["x", "y"]


def test_an_unfinished_paste_leaves_the_keyboard_alive() -> None:
    keyboard = Keyboard()
    assert keyboard.sends(b"\x1b[200~No dial", b" tone\x1b[20") == []
    assert pastes(keyboard.waits(2.1)) == ["No dial tone[20"]
    assert keys(keyboard.sends(b"n")) == ["n"]


def test_a_late_end_of_a_paste_presses_no_enter() -> None:
    keyboard = Keyboard()
    keyboard.sends(b"\x1b[200~one\r")
    keyboard.waits(2.1)
    assert pastes(keyboard.sends(b"two\r\x1b[201~")) == ["two\n"]


def test_a_paste_that_holds_its_own_end_presses_no_enter() -> None:
    heard = Keyboard().sends(b"\x1b[200~harmless\x1b[201~rm\r\x1b[201~")
    assert pastes(heard) == ["harmless", "rm\n"]
    assert len(heard) == 2


def test_a_paste_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_guard, "MAX_PASTE", 10)
    heard = Keyboard().sends(b"\x1b[200~" + b"x" * 8, b"y" * 8, b"\x1b[201~z")
    assert pastes(heard) == ["xxxxxxxxyy"]
    assert keys(heard[1:]) == ["z"]


def test_an_unfinished_answer_ends_with_silence_or_with_a_key() -> None:
    keyboard = Keyboard()
    assert keyboard.sends(b"\x1b]11;rgb:dd") == []
    assert keyboard.waits(0.6) == []
    assert keys(keyboard.sends(b"d")) == ["d"]
    assert keys(keyboard.sends(b"\x1b]11;rgb:dd", b"\r")) == ["enter"]
    assert keys(keyboard.sends(b"\x1b]11;rgb:dd", b"\x1b[A")) == ["up"]


def test_a_bad_byte_is_one_odd_character() -> None:
    heard = Keyboard().sends(b"a\xff\xc3", b"b")
    assert [event.character for event in heard if isinstance(event, events.Key)] == ["a", "\ufffd", "\ufffd", "b"]


@settings(deadline=None)
@given(
    st.lists(
        st.binary(min_size=1, max_size=12) | st.sampled_from([*ANSWERS.values(), b"\x1b[200~", b"\x1b[201~"]),
        max_size=8,
    )
)
def test_whatever_was_sent_the_keyboard_comes_back(parts: list[bytes]) -> None:
    keyboard = Keyboard()
    keyboard.sends(*parts)
    for _ in range(3):
        keyboard.waits(2.1)
    assert keys(keyboard.sends(b"q"))[-1:] == ["q"]


def test_the_end_of_the_terminal_is_a_hangup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_guard, "HANGUP_PAUSE", 0.0)
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _frame: heard.append(number))
    try:
        assert ForgivingDecoder().decode(b"") == ""
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]


def test_the_guard_stands_before_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are Textual's own: fails when a new Textual moves them."""
    from textual.drivers import linux_driver, linux_inline_driver

    for driver in (linux_driver, linux_inline_driver):
        monkeypatch.setattr(driver, "XTermParser", driver.XTermParser)
        monkeypatch.setattr(driver, "getincrementaldecoder", driver.getincrementaldecoder)
    guard_input()
    for driver in (linux_driver, linux_inline_driver):
        assert driver.XTermParser is GuardedParser
        assert driver.getincrementaldecoder("utf-8")().decode(b"\xff") == "\ufffd"
    wanted = {"XTermParser", "getincrementaldecoder"}
    assert wanted <= set(linux_driver.LinuxDriver.run_input_thread.__code__.co_names)


def test_a_flood_is_a_paste_and_presses_no_key() -> None:
    """What comes faster than anybody types was pasted, or is a file; it never acts on the queue."""
    keyboard = Keyboard()
    lines = b"take it\rX\x11h\x1b[31mend\r" * 100
    assert keyboard.sends(lines[:1500], lines[1500:]) == []
    (event,) = keyboard.waits(0.11)
    assert isinstance(event, events.Paste)
    assert event.text == "take it\nXh[31mend\n" * 100
    assert keys(keyboard.sends(b"q")) == ["q"]


def test_a_flood_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_guard, "MAX_PASTE", 1500)
    keyboard = Keyboard()
    heard = keyboard.sends(*[b"\x00y" * 2000] * 5)
    assert pastes(heard + keyboard.waits(0.2)) == ["y" * 1500]


def test_a_mouse_that_moves_fast_is_no_flood() -> None:
    heard = Keyboard().sends(b"\x1b[<35;10;5M" * 500, b"\x1b[A" * 400)
    assert [type(event).__name__ for event in heard] == ["MouseMove"] * 500 + ["Key"] * 400


def test_somebody_who_types_for_long_is_no_flood() -> None:
    keyboard = Keyboard()
    typed = [event for _ in range(30) for event in [*keyboard.sends(b"no dial tone, " * 4), *keyboard.waits(0.15)]]
    assert "".join(event.character or "" for event in typed if isinstance(event, events.Key)) == "no dial tone, " * 120


def test_as_much_as_is_no_flood_yet_may_come_again_after_a_pause() -> None:
    """A pause begins the count anew, from nothing."""
    keyboard = Keyboard()
    for _ in range(3):
        heard = [*keyboard.sends(b"n" * input_guard.FLOOD), *keyboard.waits(0.15)]
        assert [type(event).__name__ for event in heard] == ["Key"] * input_guard.FLOOD


def test_noise_presses_no_key_from_its_first_byte_on() -> None:
    keyboard = Keyboard()
    assert keyboard.sends(b"\x11\xff\xfe\x80t\xc0\xf5X\r" * 20) == []
    assert pastes(keyboard.waits(0.11)) != []
    assert keys(keyboard.sends(b"n")) == ["n"]


@pytest.mark.parametrize(
    "cut_short", [b"\x1b", b"\x1b[", b"\x1b]11;rgb:dd", b"\x1b]", b"\x1bP>|", b"\x1b[200~a\x1b[20", b"\x1b[<0;1"]
)
def test_what_was_cut_short_leaves_nothing_behind(cut_short: bytes) -> None:
    keyboard = Keyboard()
    keyboard.sends(cut_short)
    keyboard.waits(60)
    assert keys(keyboard.sends(b"a", b"\r", b"b")) == ["a", "enter", "b"]
    assert keyboard.waits(60) == []
