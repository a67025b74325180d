"""A status that never lies: a role that is frozen or killed is shown as what it is, and to the probes too."""

from __future__ import annotations

import pytest

from tests.ports import free_ports
from tests.server.live import live, ready, until


@pytest.mark.slow
def test_that_a_frozen_and_a_killed_role_are_shown_as_what_they_are(tmp_path, monkeypatch):
    port = free_ports(1)
    monkeypatch.setenv("HYDRA_METRICS_PORT", str(port))
    with live(tmp_path) as (server, heard):
        until(lambda: ready(port)[0] == 200)
        until(lambda: {"gpu", "database", "disk"} <= heard.parts.keys())
        assert heard.parts["gpu"].sentence.startswith("No GPU here")
        until(lambda: heard.parts["database"].sentence == "SQLite answers.")
        assert heard.parts["disk"].state in {"running", "degraded"}
        worker = server.roles()["predict"]
        worker.suspend()
        until(lambda: heard.states["predict-0"] == "dead")
        until(lambda: ready(port)[0] == 503)
        _, checks = ready(port)
        assert (checks["predict"], checks["keeper"]) == (False, True)
        worker.resume()
        until(lambda: heard.states["predict-0"] == "running" and ready(port)[0] == 200)
        assert "has said nothing for" in heard.parts["predict-0"].last_error
        keeper = server.roles()["keeper"]
        keeper.kill()
        until(lambda: "ended and was started again" in heard.parts["keeper"].last_error)
        assert heard.states["keeper"] != "dead"
