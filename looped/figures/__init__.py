"""Numbers in, an Altair or Plotly chart out; this room knows no model, no task and no page."""
