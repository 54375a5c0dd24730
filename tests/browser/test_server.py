"""The server as strangers meet it: deep links right after a start, two people at once, and rubbish on the wire."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit

import pytest
from hands import EASY, GENTLE4, HARD, MEDIUM
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from looped.bench.server import server
from looped.places import ROOT
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext


@pytest.fixture
def fresh() -> Iterator[str]:
    """A server that nobody has visited."""
    with server() as address:
        yield address


def menu(scope: Scope) -> list[list[str]]:
    """The router's navigation: the title and whether it is the page that is shown."""
    links = scope.page.get_by_test_id("stTopNavLink")
    expect(links).to_have_count(7)
    found: list[list[str]] = links.evaluate_all(
        "(links) => links.map((link) => [link.innerText.trim().split(/\\s/).at(-1), link.ariaCurrent ?? ''])"
    )
    return found


def test_first_requests_are_links_to_a_model_all_at_once(
    fresh: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Streamlit gets the first deep link after a start wrong when pages/ lies beside the router: here it is the right
    page, framed, and two people who come at the same moment both get their charts."""
    scopes = [new_scope(fresh, new_context()) for _ in range(2)]
    for scope in scopes:
        scope.page.goto(fresh + "/models?model=sudoku9-looped", wait_until="commit")
    for scope in scopes:
        expect(scope.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
        expect(scope.page.get_by_test_id("stException")).to_have_count(0)
    expect(scope.page.get_by_role("heading", name="sudoku9-looped", level=1)).to_be_visible()
    assert menu(scope) == [
        ["Sudoku", ""],
        ["Sequences", ""],
        ["Paths", ""],
        ["In-context", ""],
        ["Theory", ""],
        ["Models", "page"],
        ["Lessons", ""],
    ]
    expect(scope.page).to_have_title("Loopscope")
    expect(scope.page.get_by_role("dialog")).to_have_count(0)
    expect(scope.page.get_by_test_id("stSidebarNav")).to_have_count(0)
    assert (
        scope.page.get_by_test_id("stMainBlockContainer").evaluate("(block) => block.clientWidth") > 1300
    )  # the router's wide layout
    assert urlsplit(scope.page.url).path == "/models"


def test_first_request_is_a_link_to_a_board(fresh: str, new_scope: Callable[..., Scope]) -> None:
    """/sudoku?… is the microscope with all that the link says, although Streamlit serves the first page at / only."""
    scope = new_scope(fresh).open("/sudoku", puzzle=MEDIUM, checkpoint="sudoku9-looped", loops=6, loop=2, cell=7)
    assert menu(scope) == [
        ["Sudoku", "page"],
        ["Sequences", ""],
        ["Paths", ""],
        ["In-context", ""],
        ["Theory", ""],
        ["Models", ""],
        ["Lessons", ""],
    ]
    expect(scope.page.get_by_role("dialog")).to_have_count(0)
    scope.at_loop(2)
    assert (scope.entry, scope.chosen) == (MEDIUM, 7)
    scope.wait_for_query(puzzle=MEDIUM, checkpoint="sudoku9-looped", loops=6, loop=2, cell=7)
    expect(scope.message).to_be_empty()
    scope.open("/incontext", loops=3)  # no less natural
    scope.wait_for_query(checkpoint="curves1-looped", loops=3)
    assert urlsplit(scope.page.url).path == "/in-context"
    scope.open("/sudoku", puzzle="cat dog")
    assert urlsplit(scope.page.url).path == "/sequences"


@pytest.mark.parametrize("path", ["/?loops=4&loop=2", "/theory"])
def test_what_was_recorded_is_played_when_the_server_is_gone(
    new_context: Callable[..., BrowserContext], path: str
) -> None:
    """Streamlit's dialog does not stay over the page, which says it in its own words."""
    page = new_context().new_page()  # a scope takes the requests that now fail for faults
    with server() as address:
        page.goto(address + path)
        expect(page.locator("[data-testid=loop-clock][data-loop]")).to_be_visible()
    expect(page.get_by_test_id("message")).to_contain_text("The server cannot be reached. What is on screen can still")
    expect(page.get_by_role("dialog", name="Connection error")).to_have_count(0)
    page.get_by_role("button", name="Last (End)").click()
    before = page.get_by_test_id("loop-clock").get_attribute("data-loop")
    page.get_by_role("button", name="First (Home)").click()
    expect(page.get_by_test_id("loop-clock")).not_to_have_attribute("data-loop", str(before))


def test_a_wrong_link_to_a_model_shows_the_first(address: str, new_scope: Callable[..., Scope]) -> None:
    """A model that does not exist is no traceback; choosing one writes it into the address."""
    scope = new_scope(address)
    scope.page.goto(address + "/models?model=nobody")
    expect(scope.page.get_by_role("heading", level=1)).to_be_visible()
    assert menu(scope) == [
        ["Sudoku", ""],
        ["Sequences", ""],
        ["Paths", ""],
        ["In-context", ""],
        ["Theory", ""],
        ["Models", "page"],
        ["Lessons", ""],
    ]
    scope.page.get_by_role("combobox").fill("sudoku9-tmlt")  # of a long list only the part in view is drawn
    scope.page.get_by_role("option", name="sudoku9-tmlt").click()
    expect(scope.page.get_by_role("heading", name="sudoku9-tmlt", level=1)).to_be_visible()
    scope.wait_for_query(model="sudoku9-tmlt")


def test_two_people_at_once(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Two browsers ask at the same moment, again and again; each gets its own board, checkpoint and loops."""
    one = new_scope(address, new_context()).open(puzzle=EASY, checkpoint="sudoku9-tmlt", loops=5)
    two = new_scope(address, new_context()).open(puzzle=MEDIUM, checkpoint="sudoku9-looped", loops=9)
    boards = {one: EASY, two: MEDIUM}
    for _ in range(3):
        for person, board in boards.items():  # both act before either has been answered
            index = board.index(".")
            person.choose(index)
            person.press(str(parse(board).solution[index]))
            boards[person] = board[:index] + str(parse(board).solution[index]) + board[index + 1 :]
        for person, board in boards.items():
            person.wait_for_entry(board)
    assert [person.query["puzzle"] for person in boards] == list(boards.values())
    expect(one.page.get_by_test_id("truth-badge")).to_contain_text("sudoku9-tmlt, weights")
    expect(two.page.get_by_test_id("truth-badge")).not_to_contain_text("sudoku9-tmlt, weights")
    expect(one.slider).to_have_attribute("max", "5")
    expect(two.slider).to_have_attribute("max", "9")
    two.clipboard("paste", "no board")
    expect(two.message).to_contain_text("'n'")
    expect(one.message).to_be_empty()
    for person, board in boards.items():
        fresh_eyes = new_scope(address)
        fresh_eyes.page.goto(person.page.url)
        assert fresh_eyes.ready().pixels() == person.pixels()  # what each sees is what the link alone gives
        assert fresh_eyes.entry == board


BAD_EXPORTS = [
    ({"puzzle": "hello"}, "'h'"),
    ({"checkpoint": "../../etc/passwd", "puzzle": EASY}, "passwd"),
    ({"puzzle": EASY, "v": "9"}, "another version"),
    ({"puzzle": GENTLE4, "checkpoint": "sudoku4-tmlt", "cell": "16", "loops": "2"}, "cell 16"),
    ({"puzzle": GENTLE4, "checkpoint": "sudoku4-tmlt", "head": "99", "loops": "2"}, "head 99"),
]


@pytest.mark.parametrize(("query", "says"), BAD_EXPORTS, ids=[says for _, says in BAD_EXPORTS])
def test_an_export_that_cannot_be_made_is_told_in_a_sentence(address: str, query: dict[str, str], says: str) -> None:
    """Status 400 and one line that names no file of this machine; never a traceback."""
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(f"{address}/export?{urlencode(query)}", timeout=120)
    with caught.value as reply:
        text = reply.read().decode()
        assert reply.status == 400
        assert reply.headers["content-type"].startswith("text/plain")
    assert says in text
    assert len(text.splitlines()) == 1
    assert str(ROOT) not in text


@pytest.mark.parametrize(
    ("asked", "loop", "name", "figures"),
    [("0", 1, "-loop1", "all"), ("٣", 2, "", "none"), ("99", 2, "-loop2", "none"), ("9" * 5000, 2, "", "none")],
    ids=lambda value: str(value)[:6],
)
def test_an_export_draws_a_loop_that_there_is(address: str, asked: str, loop: int, name: str, figures: str) -> None:
    """Loop 0 of a view has no answers yet; parameters that are no numbers are as if they were not there;
    others change nothing."""
    query = {
        "puzzle": GENTLE4,
        "checkpoint": "sudoku4-tmlt",
        "loops": "2",
        "loop": asked,
        "cell": "x",
        "head": "²",
        "present": "board",
        "panels": "order",
        "figures": figures,
    }
    with urllib.request.urlopen(f"{address}/export?{urlencode(query)}", timeout=120) as reply:
        assert reply.headers["content-disposition"] == f'attachment; filename="loopscope-sudoku4-tmlt{name}.zip"'
        packed = zipfile.ZipFile(io.BytesIO(reply.read()))
    view = json.loads(packed.read(f"sudoku4-tmlt{name}/view.json"))
    assert {key: view[key] for key in ("input", "loops", "loop", "cell", "head")} == {
        "input": GENTLE4,
        "loops": 2,
        "loop": loop,
        "cell": GENTLE4.index("."),
        "head": None,
    }


RUBBISH: list[Any] = [
    None,
    0,
    True,
    "text",
    [],
    {},
    {"request": None},
    {"request": 5},
    {"request": []},
    {"request": {}},
    {"request": {"number": []}},
    {"request": {"puzzle": None, "checkpoint": None, "loops": None, "number": 1}},
    {"request": {"puzzle": {"a": [1]}, "checkpoint": ["x"], "loops": {}, "number": "x"}},
    {"request": {"puzzle": "9" * 500_000, "checkpoint": "sudoku9-tmlt", "loops": 5, "number": 2}},
    {"request": {"puzzle": EASY, "checkpoint": "../../etc/passwd", "loops": 5, "number": 3}},
    {"request": {"puzzle": EASY, "checkpoint": "sudoku9-tmlt", "versus": "../../etc/passwd", "loops": 5, "number": 6}},
    {"request": {"puzzle": EASY, "checkpoint": "sudoku9-tmlt", "versus": {"a": [1]}, "loops": 5, "number": 7}},
    {
        "request": {
            "puzzle": EASY,
            "checkpoint": "sudoku9-tmlt~frozen~~",
            "versus": "~" * 100_000,
            "loops": 5,
            "number": 8,
        }
    },
    {"request": {"puzzle": EASY, "checkpoint": "sudoku9-tmlt", "loops": 10**9, "number": 4}},
    {"request": {"puzzle": "\ud800", "checkpoint": "\ud800", "loops": -1, "number": 5}},
]


def test_rubbish_on_the_wire(address: str, new_scope: Callable[..., Scope]) -> None:
    """State that no browser would send, and bytes that are no message:
    no traceback, a whole answer each time, no harm to others."""
    scope = new_scope(address).open(loops=4)
    scope.asking(lambda: scope.pick("Board", "9×9 Hard"))
    sent = (BackMsg.FromString(payload) for direction, payload in scope.frames if direction == "sent")
    message = next(message for message in sent if message.rerun_script.widget_states.widgets)
    (state,) = (widget for widget in message.rerun_script.widget_states.widgets if "request" in widget.json_value)
    message.rerun_script.ClearField("cached_message_hashes")  # so that whole answers are sent
    assert json.loads(state.json_value)["request"]["puzzle"] == HARD
    host = urlsplit(address).netloc

    def reply(wire: Any) -> list[ForwardMsg]:
        found = []
        while not found or found[-1].WhichOneof("type") != "script_finished":
            found.append(ForwardMsg.FromString(wire.recv(timeout=120)))
        return found

    spoken: Any = ["streamlit"]
    with connect(f"ws://{host}/_stcore/stream", subprotocols=spoken, max_size=2**28) as wire:
        for rubbish in RUBBISH:
            state.json_value = json.dumps(rubbish)
            wire.send(message.SerializeToString())
            elements = [answer.delta.new_element for answer in reply(wire) if answer.WhichOneof("type") == "delta"]
            kinds = [element.WhichOneof("type") for element in elements]
            assert "exception" not in kinds, str(rubbish)[:80]
            assert kinds.count("bidi_component") == 1  # the microscope, with a trace
        state.json_value = "{no json"  # Streamlit tells the sender alone
        wire.send(message.SerializeToString())
        assert reply(wire)
    for junk in (b"", b"\xff" * 1000, b"{}", "text"):
        with connect(f"ws://{host}/_stcore/stream", subprotocols=["streamlit"]) as wire:  # type: ignore[list-item]
            wire.send(junk)
            if junk:
                with pytest.raises(ConnectionClosed):  # the server hangs up on what is no message
                    wire.recv(timeout=120)
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=120) as health:
        assert health.read() == b"ok"
    assert scope.entry == HARD
    scope.asking(lambda: scope.pick("Board", "9×9 Easy"))
    scope.wait_for_entry(EASY)
    expect(scope.message).to_be_empty()


def sent_to(address: str, size: int, token: str) -> int:
    """Send a file as the page does; the status of the answer."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    cookie = {"Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token}
    request = urllib.request.Request(
        address,
        data=head + bytes(size) + b"\r\n--x--\r\n",
        method="PUT",
        headers={"Content-Type": "multipart/form-data; boundary=x"} | cookie,
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return int(reply.status)
    except HTTPError as error:
        with error:
            return error.code
    except URLError as error:  # refused while it was still being sent, so that the answer could not be read
        if isinstance(error.reason, BrokenPipeError | ConnectionResetError):
            return 413
        raise


@pytest.mark.parametrize(("size", "status"), [(900_000, 204), (3_000_000, 413)])
def test_nobody_fills_the_memory_by_streamlits_own_door(address: str, size: int, status: int) -> None:
    """Where no checkpoints are taken: whoever has a page open may still send files, of which nothing is made."""
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=120) as health:
        token = SimpleCookie(health.headers["Set-Cookie"])["_streamlit_xsrf"].value
    with connect(stream, subprotocols=["streamlit"], max_size=2**28) as wire:  # type: ignore[list-item]
        message = BackMsg()
        message.rerun_script.SetInParent()
        wire.send(message.SerializeToString())
        while (reply := ForwardMsg.FromString(wire.recv(timeout=120))).WhichOneof("type") != "new_session":
            pass
        session = reply.new_session.initialize.session_id
        assert sent_to(f"{address}/_stcore/upload_file/{session}/file", size, token) == status
