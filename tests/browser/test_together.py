"""A class together: a teacher on a laptop leads two phones through a question, to its reveal and to the end."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext, Route, expect

if TYPE_CHECKING:
    from conftest import Scope

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LESSON = "2-fixed-point"
SECRET = "is a fixed point: h = "
SHOW = "Show what was answered"
BOARD_IN_VIEW = """() => {
  const [says, clock] = ['.ls-board .ls-says', '.ls-clock'].map((name) => document.querySelector(name));
  return says.getBoundingClientRect().bottom <= clock.getBoundingClientRect().top + 1;
}"""
ALL_IN_VIEW = """(panels) => {
  const strip = document.querySelector(".ls-class").getBoundingClientRect();
  const clock = document.querySelector(".ls-clock").getBoundingClientRect();
  return clock.bottom <= innerHeight + 1 && panels.every((name) => {
    const panel = document.querySelector(`[data-panel=${name}]`);
    const parts = [...panel.querySelectorAll("canvas, .ls-says")].filter((one) => one.getClientRects().length);
    return parts.length >= 2 && parts.every((one) => {
      const { top, bottom, left, right, height } = one.getBoundingClientRect();
      return height > 20 && top >= strip.bottom && bottom <= clock.top + 1 && left >= 0 && right <= innerWidth + 1;
    });
  });
}"""
MARKS_IN_CLOCK = """() => {
  const clock = document.querySelector(".ls-clock").getBoundingClientRect();
  return [...document.querySelectorAll(".ls-mark b")].every((one) =>
    one.getBoundingClientRect().bottom <= clock.bottom - 1);
}"""
BARS_IN_VIEW = """() => {
  const found = ['.ls-reveal table', '.ls-lesson-body'].map((name) => document.querySelector(name));
  if (!found[0]) return false;
  const [bars, body] = found.map((element) => element.getBoundingClientRect());
  return bars.top >= body.top - 1 && bars.bottom <= body.bottom + 1;
}"""
FIGURE_IN_VIEW = """() => {
  const names = ['[data-panel=convergence] canvas', '[data-testid=class]', '.ls-clock', '.ls-lesson'];
  const [figure, strip, clock, sheet] = names.map((name) => document.querySelector(name).getBoundingClientRect());
  return strip.top >= 0 && strip.bottom <= figure.top && figure.bottom <= clock.top && clock.bottom <= sheet.top + 1
    && sheet.height <= 0.451 * innerHeight;
}"""


def test_a_class_follows_answers_and_sees_the_reveal_together(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    teacher = new_scope(address, new_context(viewport={"width": 1024, "height": 768}))
    teacher.open("/", v=1, lesson=LESSON, step=1)
    page = teacher.page
    page.get_by_text("Share", exact=True).click()
    page.get_by_test_id("class-open").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("This address opens on this computer alone.")
    page.get_by_role("button", name="Start a class").press("Enter")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    boxes = [page.locator(part).bounding_box() for part in ("dialog", ".ls-class-qr")]
    middles = [box["x"] + box["width"] / 2 for box in boxes if box]
    assert middles[0] == pytest.approx(middles[1], abs=1)
    code = str(page.get_by_test_id("class-code").evaluate("(element) => element.textContent.replace(' ', '')"))
    page.get_by_role("button", name="Close", exact=True).click()

    ann = new_scope(address, new_context(**PHONE)).open("/", **{"class": code.lower()})
    ben = new_scope(address, new_context(**PHONE)).open("/", v=1, checkpoint="sudoku4-tmlt")
    ben.page.get_by_text("Share", exact=True).click()
    ben.page.get_by_test_id("class-open").click()
    ben.page.get_by_label("Code of the class").fill("222 222")
    ben.page.get_by_role("button", name="Join").click()
    expect(ben.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no class with this code")
    ben.errors.clear()  # the browser itself reports an answer 404
    ben.page.get_by_label("Code of the class").fill(f"{code[:3]} {code[3:]}")
    ben.page.get_by_role("button", name="Join").click()
    expect(page.get_by_test_id("class-here")).to_have_text("2 students here")

    page.get_by_role("button", name="Next ▸").click()
    for phone in (ann, ben):
        expect(phone.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
        phone.page.wait_for_function(FIGURE_IN_VIEW)
    ann.page.get_by_label("It goes on moving.").check()
    ann.page.get_by_role("button", name="Commit").click()
    expect(ann.page.get_by_test_id("class-answered")).to_have_text(
        "Your answer is in. 1 of 2 has answered. Your teacher reveals it."
    )
    waits = ["It goes on moving. (your answer)", "It comes to rest: the steps become as short as rounding."]
    expect(ann.page.get_by_test_id("answered").get_by_role("listitem")).to_have_text(waits)
    expect(ann.page.get_by_test_id("answered")).to_be_in_viewport()
    expect(ann.page.get_by_role("button", name="Commit")).to_have_count(0)
    expect(page.get_by_test_id("class-answered")).to_have_text("1 of 2 has answered.")
    page.get_by_test_id("class-answered").click()  # away from fields, in which P would be typed
    page.keyboard.press("p")  # presents what the step points at
    expect(page.locator(".ls-stage strong")).to_have_text("Convergence")
    said, opens = (part.bounding_box() for part in (page.get_by_test_id("class-answered"), page.get_by_text(SHOW)))
    assert said
    assert opens
    beside = opens["x"] - said["x"] - said["width"]
    below = opens["y"] - said["y"] - said["height"]
    assert 0 <= max(beside, below) < 40
    page.keyboard.press("n")
    expect(page.locator(".ls-stage strong")).to_have_text("Board")
    page.wait_for_function(BOARD_IN_VIEW)
    page.keyboard.press("Escape")
    ann.page.reload()  # who answered is still known, and has not more than one answer
    expect(ann.page.get_by_test_id("class-answered")).to_contain_text("Your answer is in.")
    expect(ann.page.get_by_test_id("answered").get_by_role("listitem")).to_have_text(waits)
    expect(page.get_by_test_id("class-here")).to_have_text("2 students here")
    page.get_by_text(SHOW).click()
    expect(page.get_by_test_id("class-bars").get_by_role("row").first).to_have_text("It goes on moving.1")
    for each in (teacher, ann, ben):
        expect(each.page.get_by_test_id("reveal")).to_have_count(0)
        expect(each.page.locator("body")).not_to_contain_text(SECRET)

    page.get_by_role("button", name="Reveal to all").click()
    for each, said in ((teacher, "This happened"), (ann, "✕ Not quite"), (ben, "You gave no answer")):
        expect(each.page.get_by_test_id("reveal")).to_contain_text(said)
        expect(each.page.get_by_test_id("reveal")).to_contain_text(SECRET)
        mine = " (your answer)" if each is ann else ""
        expect(each.page.get_by_test_id("reveal").get_by_role("row")).to_have_text(
            [f"It goes on moving.{mine}1", "It comes to rest: the steps become as short as rounding. ✓ what happened0"]
        )
        each.page.wait_for_function(BARS_IN_VIEW)
        each.wait_for_query(loops=64, loop=64, **{"class": None})
    page.keyboard.press("Home")
    for phone in (ann, ben):
        phone.wait_for_query(loop=0)

    page.get_by_test_id("class-follows").uncheck()
    expect(ann.page.get_by_test_id("class-here")).to_have_text("Your page is yours: look around.")
    page.keyboard.press("End")
    teacher.wait_for_query(loop=64)
    ben.wait_for_query(loop=0)
    with page.expect_download() as download:
        page.get_by_test_id("class-counts").click()
    download.value.save_as(tmp_path / "counts.csv")
    rows = list(csv.DictReader((tmp_path / "counts.csv").read_text("utf-8").splitlines()))
    assert [(row["where"], row["number"], row["count"], row["name"]) for row in rows] == [
        ("The fixed point in five minutes", "2", many, "2-fixed-point") for many in ("1", "0")
    ]

    # Who goes on alone is told so, and can come back.
    page.get_by_test_id("class-follows").check()
    expect(ann.page.get_by_test_id("class-here")).to_have_text("Your page follows your teacher’s.")
    ann.page.get_by_role("button", name="Next ▸").click()
    expect(ann.page.get_by_test_id("class-here")).to_have_text("You have left the step that your teacher shows.")
    ann.page.get_by_test_id("class-astray").get_by_role("button", name="Follow again").click()
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    expect(ann.page.get_by_test_id("class-astray")).to_be_hidden()

    # Pages follow to the machine of the theory; to a page without a clock they do not, and say so.
    page.get_by_role("link", name="Models").click()
    expect(ann.page.get_by_test_id("class-here")).to_contain_text("without a clock, to which yours does not follow.")
    page.get_by_role("link", name="Theory").click()
    for phone in (ann, ben):
        phone.page.wait_for_url("**/theory?**")
        expect(phone.page.get_by_test_id("class-here")).to_have_text("Your page follows your teacher’s.")
        phone.ready()
    page.get_by_test_id("class-leave").click()
    page.get_by_role("button", name="End the class", exact=True).click()
    for phone in (ann, ben):
        expect(phone.page.get_by_test_id("message")).to_contain_text("The class has ended.")
        expect(phone.page.get_by_test_id("class")).to_be_hidden()


@pytest.fixture
def meet(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> Callable[..., tuple[Scope, Scope]]:
    """A teacher on a laptop at the first step of the lesson, whose class a student has joined on a phone."""

    def make(width: int = 1366) -> tuple[Scope, Scope]:
        teacher = new_scope(address, new_context(viewport={"width": width, "height": 768}))
        page = teacher.open("/", v=1, lesson=LESSON, step=1).page
        page.get_by_text("Share", exact=True).click()
        page.get_by_test_id("class-open").click()
        page.get_by_role("button", name="Start a class").click()
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        code = str(page.get_by_test_id("class-code").evaluate("(element) => element.textContent.replace(' ', '')"))
        page.get_by_role("button", name="Close", exact=True).click()
        ann = new_scope(address, new_context(**PHONE)).open("/", **{"class": code.lower()})
        expect(page.get_by_test_id("class-here")).to_have_text("1 student here")
        return teacher, ann

    return make


@pytest.mark.parametrize("width", [1366, 1024])
def test_what_a_step_points_at_is_seen_whole_while_it_is_presented(
    meet: Callable[..., tuple[Scope, Scope]], width: int
) -> None:
    """Board and panel, before an answer, while it waits and once it is revealed; the answers stand there once."""
    teacher, ann = meet(width)
    page = teacher.page
    teacher.leave_fields()
    teacher.press("p")
    page.wait_for_function(ALL_IN_VIEW, arg=["board", "convergence"])
    board = page.get_by_role("grid").bounding_box()
    assert board
    assert board["width"] > 0.22 * width
    page.get_by_role("button", name="Next ▸").click()
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    page.wait_for_function(ALL_IN_VIEW, arg=["convergence"])
    ann.page.get_by_label("It goes on moving.").check()
    ann.page.get_by_role("button", name="Commit").click()
    expect(page.get_by_test_id("class-answered")).to_have_text("1 of 1 has answered.")
    page.get_by_text(SHOW).click()
    page.wait_for_function(ALL_IN_VIEW, arg=["convergence"])
    page.get_by_role("button", name="Reveal to all").click()
    expect(page.get_by_test_id("reveal").get_by_text("It goes on moving.")).to_have_count(1)
    teacher.wait_for_query(loops=64)
    page.wait_for_function(ALL_IN_VIEW, arg=["convergence"])
    page.wait_for_function(MARKS_IN_CLOCK)


def test_what_was_revealed_stays_when_the_class_ends(meet: Callable[..., tuple[Scope, Scope]]) -> None:
    teacher, ann = meet()
    page = teacher.page
    page.get_by_role("button", name="Next ▸").click()
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    ann.page.get_by_label("It goes on moving.").check()
    ann.page.get_by_role("button", name="Commit").click()
    expect(page.get_by_test_id("class-answered")).to_have_text("1 of 1 has answered.")
    page.get_by_role("button", name="Reveal to all").click()
    for each in (teacher, ann):
        expect(each.page.get_by_test_id("reveal")).to_contain_text(SECRET)
        each.wait_for_query(loops=64)
    before = [str(each.page.get_by_test_id("reveal").evaluate("(of) => of.textContent")) for each in (teacher, ann)]
    assert "It goes on moving. (your answer)" in before[1]
    page.get_by_test_id("class-leave").click()
    page.get_by_role("button", name="End the class", exact=True).click()
    expect(ann.page.get_by_test_id("message")).to_contain_text("What you see stays, and is yours.")
    for each, said in zip((teacher, ann), before, strict=True):
        expect(each.page.get_by_test_id("class")).to_be_hidden()
        expect(each.page.get_by_test_id("reveal")).to_have_text(said)
        expect(each.page.get_by_role("button", name="Commit and see")).to_have_count(0)
    # It is the student's own: away from the step and back, the answer and what happened are still there.
    ann.page.get_by_role("button", name="Next ▸").click()
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 3 of 5")
    ann.page.get_by_role("button", name="◂ Back").click()
    expect(ann.page.get_by_test_id("reveal")).to_contain_text("It goes on moving. (your answer)")


def test_a_reveal_says_at_once_that_it_is_measured_until_it_is_there(meet: Callable[..., tuple[Scope, Scope]]) -> None:
    """An answer and the ranges of the bars stand unbroken beside it."""
    teacher, ann = meet()
    page = teacher.page
    for number in (2, 3):
        page.get_by_role("button", name="Skip ▸" if number == 3 else "Next ▸").click()
        expect(ann.page.get_by_test_id("lesson-count")).to_have_text(f"Step {number} of 5")
    ann.page.get_by_role("slider", name="Your guess: a loop").press("Enter")
    ann.page.get_by_role("button", name="Commit").click()
    said = ann.page.get_by_test_id("answered")
    expect(said).to_have_text("Your answer: loop 47 (asked: 29 to 64).")
    assert said.evaluate("(of) => of.offsetHeight < 2 * parseFloat(getComputedStyle(of).lineHeight)")
    page.get_by_text(SHOW).click()
    ranges = page.get_by_test_id("class-bars").locator("tr", has_text="–").locator(".ls-bounds")
    expect(ranges.first).to_be_visible()
    assert set(ranges.evaluate_all("(all) => all.map((one) => one.getClientRects().length)")) == {1}

    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"reveal"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/class", hold)
    reveal = page.get_by_role("button", name="Reveal to all")
    reveal.click()
    expect(page.get_by_test_id("waits")).to_contain_text("What happens is being measured")
    expect(reveal).to_be_disabled()
    held.pop().fulfill(status=503, body="The server is busy.")
    expect(page.locator(".ls-refusal")).to_have_text("The server is busy.")
    expect(page.get_by_test_id("waits")).to_be_empty()
    reveal.click()
    expect(reveal).to_be_disabled()
    expect(page.locator(".ls-refusal")).to_be_empty()
    held.pop().continue_()
    for each in (teacher, ann):
        expect(each.page.get_by_test_id("reveal")).to_be_visible()
        expect(each.page.locator(".ls-reveal .ls-bounds").first).to_be_visible()  # of bars, on a phone, too
    teacher.errors.clear()  # the browser itself reports an answer 503


def test_pages_follow_back_to_how_a_view_first_is(meet: Callable[..., tuple[Scope, Scope]]) -> None:
    """What a link leaves out is as it first is: a setting that the teacher takes back is taken back everywhere."""
    teacher, ann = meet()
    shows = [scope.page.get_by_label("Show on the board") for scope in (teacher, ann)]
    modes = [scope.panel("convergence").locator("select") for scope in (teacher, ann)]
    for show, mode in (("settle", "length"), ("answer", "steps")):  # as on a first visit
        shows[0].select_option(show)
        expect(shows[1]).to_have_value(show)
        modes[0].first.select_option(mode)
        expect(modes[1].first).to_have_value(mode)
