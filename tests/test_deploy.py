"""The files for containers name what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from looped.commands import parser
from looped.serving import cluster
from looped.serving.cluster import Plan

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
DEPLOY = ROOT / "assets" / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text("utf-8")
CADDY = (DEPLOY / "Caddyfile").read_text("utf-8")


def test_the_image_holds_all_that_the_app_needs_and_runs_without_rights() -> None:
    copied = re.findall(r"^COPY (\S+) \S+$", DOCKERFILE, re.MULTILINE)
    assert set(copied) == {"requirements.txt", "app.py", ".streamlit", "looped", "pages", "assets", "checkpoints"}
    assert all((ROOT / name).exists() for name in copied)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert not set(copied) & set(ignored)
    lines = DOCKERFILE.splitlines()
    user = lines.index("USER scope")
    assert any("useradd" in line and "scope" in line for line in lines[:user])
    assert [line for line in lines[user:] if line.startswith(("RUN", "USER root"))] == []
    assert "/readyz" in DOCKERFILE.partition("HEALTHCHECK")[2]
    (workdir,) = re.findall(r"^WORKDIR (\S+)$", DOCKERFILE, re.MULTILINE)
    assert workdir != "/"


def test_the_proxy_and_the_app_agree_on_the_address() -> None:
    (prefix,) = re.findall(r"STREAMLIT_SERVER_BASE_URL_PATH: (\S+)", COMPOSE)
    (port,) = re.findall(r"--server.port=(\d+)", DOCKERFILE)
    assert f"reverse_proxy /{prefix}* app:{port}" in CADDY
    assert f"@inner path /{prefix}/status /{prefix}/metrics" in CADDY
    assert "encode zstd gzip" in CADDY
    assert (ROOT / "assets" / "deploy" / "Caddyfile").is_file()
    assert "./Caddyfile:" in COMPOSE


def test_the_app_and_its_replicas_agree_on_the_address() -> None:
    services = yaml.safe_load((DEPLOY / "compose.serve.yaml").read_text("utf-8"))["services"]
    assert services.keys() - {"replicas"} <= yaml.safe_load(COMPOSE)["services"].keys()
    replicas = services["replicas"]
    args = parser().parse_args(replicas["command"][3:])
    assert replicas["command"][:3] == ["python", "-m", "looped"]
    assert services["app"]["environment"]["LOOPSCOPE_SERVE"] == f"http://replicas:{args.port}"
    assert "ports" not in replicas  # nobody but the app reaches them
    (extra,) = replicas["build"]["args"].values()
    assert f'serve = ["{extra}"]' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"\n{extra}\n" in (ROOT / "requirements-dev.txt").read_text("utf-8")


def test_the_cluster_s_file_names_what_builds_replicas() -> None:
    service = yaml.safe_load((DEPLOY / "rayservice.yaml").read_text("utf-8"))["spec"]
    (app,) = yaml.safe_load(service["serveConfigV2"])["applications"]
    assert app["import_path"] == f"{cluster.__name__}:{cluster.build.__name__}"
    plan = Plan.read(app["args"])
    assert (
        plan.scaling["autoscaling_config"]["max_replicas"]
        == service["rayClusterConfig"]["workerGroupSpecs"][0]["maxReplicas"]
    )
    assert Plan.read({"replicas": 3}).scaling == {"num_replicas": 3}
    assert plan.resources == {"num_cpus": 1, "num_gpus": 0}
    with pytest.raises(ValueError, match=r"^a plan has no 'replica'; it has catalogue, "):
        Plan.read({"replica": 3})


def test_the_security_notes_name_tests_that_there_are() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/[\w/.]*)`", text))
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_fault_of_the_code_shows_visitors_no_path_of_the_server() -> None:
    assert (
        tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["client"]["showErrorDetails"] == "none"
    )
