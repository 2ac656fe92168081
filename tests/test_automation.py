"""What the page on cron and pull requests says works as it is written there."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.repository import committed, git
from tests.test_readme import ROOT

PAGE = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")
AS_OF = "2026-06-15T12:00:00Z"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop under git, as it is on the base branch."""
    away = shutil.ignore_patterns(".segtool", "snapshots")
    return committed(shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop", ignore=away))


def tool(folder: Path, name: str, script: str) -> None:
    """A program of that name, which a step finds before any other."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(stat.S_IRWXU)


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    programs = [str(folder.parent / "programs"), str(Path(sys.executable).parent), os.environ["PATH"]]
    known = {"PATH": os.pathsep.join(programs), "LC_ALL": "C.UTF-8", "SEGTOOL_AS_OF": AS_OF, **environment}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, env=known, capture_output=True, text=True
    )


def workflow() -> dict[str, Any]:
    (text,) = (block for block in blocks("yaml") if block.startswith("name: segments"))
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return found


def in_a_pull_request(shop: Path) -> tuple[list[subprocess.CompletedProcess[str]], str]:
    """Every step of the workflow that is a command, up to the first that fails; and what was said in the request."""
    git(shop, "update-ref", "refs/remotes/origin/main", "main")
    tool(shop.parent / "programs", "pip", 'echo "$@" > ../installed')
    tool(shop.parent / "programs", "gh", 'echo "$@" > ../commented; cp plan.md ../comment')
    (shop / "tools").mkdir()
    (shop / "tools" / "segtool-1.0-py3-none-any.whl").touch()
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(shop.parent / "summary"),
        "GITHUB_WORKSPACE": str(shop),
        "PULL_REQUEST": "7",
        "GH_TOKEN": "t",
    }
    done = list[subprocess.CompletedProcess[str]]()
    for step in workflow()["jobs"]["segments"]["steps"]:
        # a step runs after one that failed where it says so
        has_failed = any(one.returncode for one in done)
        if "run" in step and (not has_failed or "failure()" in step.get("if", "")):
            done.append(shell(step["run"], shop, **variables))
    comment = shop.parent / "comment"
    return done, comment.read_text(encoding="utf-8") if comment.exists() else ""


def test_a_pull_request_that_edits_one_definition_is_told_who_would_enter_and_leave(shop: Path) -> None:
    file = next(path for path in (shop / "segments").iterdir() if "lapsed_buyers:" in path.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8").replace("in_last: 60d", "in_last: 30d"), encoding="utf-8")
    done, comment = in_a_pull_request(shop)
    assert [(one.returncode, one.stderr if one.returncode else "") for one in done] == [(0, "")] * 5
    assert (shop.parent / "installed").read_text(encoding="utf-8") == "install tools/segtool-1.0-py3-none-any.whl\n"
    assert (shop.parent / "commented").read_text(encoding="utf-8").startswith("pr comment 7 --body-file plan.md ")
    assert "| lapsed_buyers | dynamic | 256 | 0 | 81 | 175 |  |" in comment
    (keys,) = re.findall(r"\| lapsed_buyers \| `by definition -81 \(the first 10\)` \| (.*) \|", comment)
    assert len(re.findall(r"[0-9]{5}", keys)) == 10
    assert comment.strip() in (shop.parent / "summary").read_text(encoding="utf-8")
    assert not (shop / ".segtool").exists()


def test_a_pull_request_with_a_mistake_fails_at_its_line(shop: Path) -> None:
    file = shop / "segments" / "audiences.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("city: Kyiv", "cty: Kyiv"), encoding="utf-8")
    done, comment = in_a_pull_request(shop)
    assert [one.returncode for one in done] == [0, 4, 4, 0]
    assert "::error file=segments/audiences.yaml,line=10,col=7::there is no column `cty`" in done[1].stderr
    assert "there is no column `cty`" in comment


def test_a_pull_request_that_breaks_a_test_fails_and_is_told_all_the_same(shop: Path) -> None:
    file = next(path for path in (shop / "segments").iterdir() if "lapsed_buyers:" in path.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8").replace("purchase, in_last: 90d", "purchase, in_last: 10d"))
    done, comment = in_a_pull_request(shop)
    assert [one.returncode for one in done] == [0, 0, 4, 0, 0]
    assert "::error file=tests/lifecycle.yaml,line=4,col=5::`lapsed_buyers`" in done[2].stderr
    assert "| lapsed_buyers | dynamic |" in comment


def test_the_wheel_that_the_workflow_installs_is_one_that_can_be_made() -> None:
    assert "`pip wheel --no-deps --wheel-dir tools CLONE`" in PAGE


def test_the_line_of_the_crontab_runs_and_says_nothing_where_all_is_well(shop: Path) -> None:
    (table,) = blocks("crontab")
    line = table.strip().splitlines()[-1]
    found = re.fullmatch(r"(\S+) (\S+) (\S+) (\S+) (\S+) cd /srv/crm && (.*)", line)
    assert found
    assert all(re.fullmatch(r"\*|[0-9]+", field) for field in found.groups()[:5])
    done = shell(found[6], shop)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (shop / ".segtool" / "log" / "1.json").exists()


def test_the_units_of_systemd_say_what_to_run_and_when(shop: Path, tmp_path: Path) -> None:
    service, timer = blocks("ini")
    units = configparser.ConfigParser(interpolation=None)
    units.optionxform = str  # type: ignore[assignment, method-assign]
    units.read_string(service)
    command = units["Service"]["ExecStart"].removeprefix("/usr/local/bin/")
    assert shell(command, shop).returncode == 0
    units.read_string(timer)
    assert units["Timer"]["OnCalendar"] == "*-*-* 04:15:00"


def test_the_hooks_run_before_a_commit(shop: Path) -> None:
    (config,) = (yaml.safe_load(block) for block in blocks("yaml") if block.startswith("repos:"))
    hooks = config["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == ["segtool check --strict", "segtool test"]
    for hook in hooks:
        assert shell(hook["entry"], shop).returncode == 0
        assert re.search(hook["files"], "segments/audiences.yaml") and not re.search(hook["files"], "data/users.csv")


def test_the_hook_of_git_stops_a_commit_with_a_mistake(shop: Path) -> None:
    (script,) = (block for block in blocks("sh") if block.startswith("#!"))
    tool(shop / ".git" / "hooks", "pre-commit", script.partition("\n")[2])
    assert shell("git commit --allow-empty -m fine", shop, **author()).returncode == 0
    file = shop / "segments" / "audiences.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("city: Kyiv", "cty: Kyiv"), encoding="utf-8")
    done = shell("git commit --all -m wrong", shop, **author())
    assert done.returncode == 1
    assert "there is no column `cty`" in done.stderr


def author() -> dict[str, str]:
    return {f"GIT_{role}_{part}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
