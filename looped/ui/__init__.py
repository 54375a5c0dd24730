"""The only rooms that import Streamlit: this one, `pages/` and `app.py`."""
