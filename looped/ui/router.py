"""The pages of the app and what all of them share."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from looped.places import resource
from looped.serving.request import page_of
from looped.ui.modules import bare
from looped.ui.state import engine

PAGES = resource("pages")

st.set_page_config(page_title="Loopscope", page_icon="🔬", layout="wide")
st.html(
    # Room for the instrument: Streamlit's own margins would push the clock off a laptop's screen.
    # On a narrow screen the pages are in a drawer, whose button would have no word.
    "<style>.stMainBlockContainer { padding: 3.6rem 1.2rem 0.5rem; max-width: 130rem; }"
    "[data-testid=stExpandSidebarButton] { width: auto; padding-inline: 0.5rem; }"
    '[data-testid=stExpandSidebarButton]::after { content: "Pages"; margin-left: 0.3rem; }'
    # On a low screen the header is one line of text high.
    "@media (max-height: 30rem) { .stMainBlockContainer { padding-top: 2.1rem; }"
    "[data-testid=stHeader] { height: 2rem; min-height: 2rem; } }"
    # The element of a script takes no room.
    "[data-testid=stElementContainer]:has([data-testid=stHtml] > script) { display: none; }</style>"
)
# In a narrow window Streamlit leaves its drawer of pages open over the page that was chosen (but on what calls itself a
# phone), and opens it anew at the next visit. Its own button closes it: when a page is chosen, and on arriving.
st.html(
    """<script>
    if (!window.loopscopeDrawer) {
      const narrow = matchMedia("(max-width: 768px)");
      const close = () => {
        const shut = narrow.matches && document.querySelector("[data-testid=stSidebarCollapseButton] button");
        if (shut) shut.click();
        else if (narrow.matches) forget();
      };
      const forget = () => {  // the drawer is not there yet: it opens by what is remembered
        for (const key of Object.keys(localStorage))
          if (key.startsWith("stSidebarCollapsed-")) localStorage.removeItem(key);
      };
      window.loopscopeDrawer = true;
      document.addEventListener("click", ({ target }) => {
        if (target.closest?.("[data-testid=stSidebarNavLink]")) setTimeout(close);
      });
      close();
    }
    </script>""",
    unsafe_allow_javascript=True,
)
home = st.Page(PAGES / "sudoku.py", title="Sudoku", icon=":material/grid_on:", url_path="home", default=True)


microscopes = {
    "sudoku": home,
    "sequences": st.Page(PAGES / "sequences.py", title="Sequences", icon=":material/format_list_numbered:"),
    "paths": st.Page(PAGES / "paths.py", title="Paths", icon=":material/water_drop:"),
    "in-context": st.Page(
        PAGES / "incontext.py", title="In-context", icon=":material/scatter_plot:", url_path="in-context"
    ),
}


def guessed(address: str, slug: str) -> StreamlitPage:
    """Return what leads on from a natural guess for the address of a page; Streamlit serves the first one at / only."""

    def go_on() -> None:
        st.switch_page(microscopes[slug], query_params=st.query_params.to_dict())

    return st.Page(go_on, title=slug.capitalize(), url_path=address, visibility="hidden")


def send_on(here: StreamlitPage) -> None:
    """Take who arrives by a link to the page of its checkpoint, else of its input, whichever page the link names."""
    if here in guesses:
        return  # who leads on
    arriving = "arrived" not in st.session_state
    st.session_state["arrived"] = True
    query = st.query_params.to_dict()
    slug = next((slug for slug, page in microscopes.items() if page == here), None)
    if not arriving or slug is None:
        return
    found = page_of(engine(), query, slug)
    there = microscopes.get(found.slug) if found else None
    if there not in (None, here):
        st.switch_page(there, query_params=query)


guesses = [guessed("sudoku", "sudoku"), guessed("incontext", "in-context")]
page = st.navigation(
    [
        *microscopes.values(),
        st.Page(PAGES / "theory.py", title="Theory", icon=":material/functions:"),
        st.Page(PAGES / "models.py", title="Models", icon=":material/model_training:"),
        st.Page(PAGES / "lessons.py", title="Lessons", icon=":material/school:"),
        st.Page(PAGES / "quiz.py", title="Quiz", url_path="quiz", visibility="hidden"),
        *guesses,
    ],
    position="top",
)
send_on(page)
page.run()
BARE = {  # pages that Streamlit draws alone: what each adds where it says that the server cannot be reached
    "models": "",
    "lessons": "",
    "quiz": "Answers that you gave before are kept in this browser.",
}
if page.url_path in BARE:
    st.html(bare(BARE[page.url_path]), unsafe_allow_javascript=True)
