# The app. TORCH_INDEX is the address of PyTorch's packages for the CPU or for a version of CUDA, as its page "Get started"
# gives it; without one pip's own choice is installed. With a GPU: `docker run --gpus all`.
# EXTRAS is one more package, as "ray[serve]>=2.53,<3" for an image that runs replicas (`python -m looped serve`).
FROM python:3.12-slim

ARG TORCH_INDEX
ARG EXTRAS
# MALLOC_ARENA_MAX: see "Memory" in assets/docs/running.md.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME=/home/scope/.cache MALLOC_ARENA_MAX=1
RUN useradd --create-home --uid 1000 scope
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch && pip install --no-cache-dir -r requirements.txt ${EXTRAS:+"$EXTRAS"}
COPY app.py .
COPY .streamlit .streamlit
COPY looped looped
COPY pages pages
COPY assets assets
COPY checkpoints checkpoints
USER scope
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/readyz', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", \
  "--server.headless=true"]
