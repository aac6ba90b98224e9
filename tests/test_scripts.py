"""The scripts: set-up that can be repeated, interrupted and moved, and the installer with its way back."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.tiny import ROOT, commit_version, make_checkout

SCRIPTS: Final = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix)
PYTHON: Final = Path(sys.base_prefix) / "bin/python3"
NOBODY: Final = 65_534
MUST_RUN: Final = os.environ.get("CI") == "true"


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command with no terminal and no package index."""
    environment = {"EDGE_PYTHON": str(PYTHON), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, **environment}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is set up, in a folder whose name has a space."""
    checkout = make_checkout(tmp_path_factory.mktemp("scripts") / "a check out")
    result = run(checkout / "scripts/run")
    assert result.returncode == 0, result.stderr
    return checkout


def log_time(checkout: Path) -> int:
    """When packages were last installed."""
    return (checkout / ".venv/.edge-setup.log").stat().st_mtime_ns


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci/run"], ids=lambda path: path.name)
def test_every_script_is_executable_and_parses(script: Path) -> None:
    """A script can be called as it lies there, and its interpreter can read it."""
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    if "python" in text.partition("\n")[0]:
        compile(text, script.name, "exec")
    else:
        assert run("bash", "-n", script).returncode == 0


def test_ci_runs_nothing_but_the_test_script() -> None:
    """What CI does, any user can do: its script has one command."""
    lines = (ROOT / ".ci/run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert commands == ['exec "$(dirname -- "$0")/../scripts/test"']


def test_run_works_from_elsewhere_and_through_a_link(ready: Path, tmp_path: Path) -> None:
    """The arguments and the caller's folder reach `edge run`, also through a symbolic link."""
    link = tmp_path / "start edge"
    link.symlink_to(ready / "scripts/run")
    result = run(link, "--source", "two words.wav", cwd=tmp_path)
    assert result.stdout.splitlines()[-1] == f"run --source two words.wav ({tmp_path})"


def test_the_second_run_installs_nothing(ready: Path) -> None:
    """When nothing changed, only the assistant is started."""
    before = log_time(ready)
    result = run(ready / "scripts/run")
    assert result.returncode == 0
    assert "Installing" not in result.stderr
    assert log_time(ready) == before


def test_a_changed_project_is_installed_again(ready: Path) -> None:
    """After an update of pyproject.toml the packages are looked at again, in the same environment."""
    before = log_time(ready)
    with (ready / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    result = run(ready / "scripts/setup")
    assert result.returncode == 0, result.stderr
    assert "Making .venv" not in result.stderr
    assert log_time(ready) > before


def test_a_failed_set_up_says_what_to_do_and_is_begun_anew(ready: Path) -> None:
    """Half-installed packages are not trusted: whatever did not end well starts from an empty environment next time."""
    pyproject = ready / "pyproject.toml"
    whole = pyproject.read_text()
    pyproject.write_text(whole.replace("dependencies = []", 'dependencies = ["no-such-package"]', 1))
    failed = run(ready / "scripts/run")
    assert failed.returncode == 1
    assert "Is this machine online" in failed.stderr
    assert "Traceback" not in failed.stderr

    pyproject.write_text(whole)
    (ready / ".venv/half-written").touch()
    mended = run(ready / "scripts/run")
    assert mended.returncode == 0, mended.stderr
    assert "Making .venv" in mended.stderr
    assert not (ready / ".venv/half-written").exists()


def test_a_checkout_that_was_moved_works_again(ready: Path, tmp_path: Path) -> None:
    """A virtual environment knows its own path; in another place a new one is made."""
    moved = tmp_path / "moved"
    shutil.copytree(ready, moved, symlinks=True)
    result = run(moved / "scripts/run")
    assert result.returncode == 0, result.stderr
    assert "Making .venv" in result.stderr
    assert str(moved) in (moved / ".venv/bin/edge").read_text()


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder of commands in which every Python is too old and apt-get must not be called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "cat", "dirname", "env", "flock", "grep", "ldconfig", "readlink", "sha256sum"):
        found = shutil.which(name, path=f"{os.environ['PATH']}:/sbin:/usr/sbin")
        assert found is not None, f"{name} is not installed"
        (folder / name).symlink_to(found)
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    (folder / "apt-get").write_text("#!/bin/sh\necho apt-get was called; exit 1\n")
    (folder / "apt-get").chmod(0o755)
    return folder


def test_without_a_fitting_python_it_tells_the_line_to_type(bare_path: Path, tmp_path: Path) -> None:
    """Somebody who is not root and not at a terminal is told what to type; nothing is installed behind their back."""
    checkout = make_checkout(tmp_path / "checkout")
    as_somebody: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        assert setpriv is not None, "setpriv (util-linux) is not installed"
        as_somebody = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
            folder.chmod(0o755)
    result = run(*as_somebody, checkout / "scripts/run", PATH=str(bare_path), EDGE_PYTHON="")
    assert result.returncode == 1
    assert "Edge needs Python 3.11, 3.12 or 3.13" in result.stderr
    assert "sudo apt-get install -y python3 python3-venv" in result.stderr
    assert "was called" not in result.stdout + result.stderr


def test_the_unit_is_one_that_systemd_accepts() -> None:
    """systemd finds nothing wrong but what cannot be there yet, or is newer than itself."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None and not MUST_RUN:
        pytest.skip("systemd-analyze is not installed")
    result = run("systemd-analyze", "verify", ROOT / "scripts/edge.service")
    expected = ("is not executable: No such file", "'RestartSteps'", "'RestartMaxDelaySec'")
    assert [line for line in result.stderr.splitlines() if not any(word in line for word in expected)] == []


def test_a_dry_run_of_the_installer_changes_nothing() -> None:
    """Anybody may ask what would be done."""
    if shutil.which("systemctl") is None and not MUST_RUN:
        pytest.skip("systemctl is not installed")
    before = sorted(Path("/opt").glob("edge/**"))
    result = run(ROOT / "scripts/install", "--dry-run")
    assert result.returncode == 0, result.stderr
    assert "would run: useradd" in result.stderr or "would run: usermod" in result.stderr
    assert sorted(Path("/opt").glob("edge/**")) == before


# --- the installer, on a copy of this machine that forgets everything ------------------------------------------------

COPY_OF_THIS_MACHINE: Final = """\
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount --rbind /proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mkdir -p run/systemd/system usr/local/bin
cp "$2" usr/local/bin/systemctl
sed -i "1s|.*|#!$3|" usr/local/bin/systemctl
chmod 755 usr/local/bin/systemctl
chmod a+x root # the interpreter may live there
mkdir -p checkout
mount --bind "$4" checkout
exec chroot . /bin/bash
"""


INSTALL: Final = "/checkout/scripts/install"
DISK_WITHOUT_ROOM: Final = """\
mount -t tmpfs -o size=32k,mode=750 tmpfs /var/lib/edge &&
head -c 24000 /dev/zero >/var/lib/edge/edge.db &&
chown -R edge:edge /var/lib/edge
"""


class Appliance:
    """A shell in the copy; the checkout is at /checkout."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        fake = ROOT / "tests/fake_systemctl.py"
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", COPY_OF_THIS_MACHINE, "sh"]
        self._shell = subprocess.Popen(
            [*words, str(folder), str(fake), str(PYTHON), str(checkout)],
            env=os.environ | {"EDGE_PYTHON": str(PYTHON), "PIP_NO_INDEX": "1", "EDGE_SETTLE_S": "0.3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def do(self, command: str) -> tuple[int, str]:
        """Exit code, and all that was said."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"({command}) </dev/null; code=$?; echo; echo end-of-command $code\n")
        self._shell.stdin.flush()
        said: list[str] = []
        for line in self._shell.stdout:
            if line.startswith("end-of-command "):
                return int(line.split()[1]), "".join(said)
            said.append(line)
        raise AssertionError("the copy of this machine went away: " + "".join(said))

    def close(self) -> None:
        self._shell.kill()
        self._shell.communicate()


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[tuple[Appliance, Path]]:
    """The copy, and the checkout that is installed there."""
    if os.geteuid() != 0 and not MUST_RUN:
        pytest.skip("a copy of this machine can only be made by root")
    if shutil.which("git") is None and not MUST_RUN:
        pytest.skip("git is not installed")
    checkout = make_checkout(tmp_path / "checkout")
    commit_version(checkout, "first")
    (tmp_path / "copy").mkdir()
    machine = Appliance(tmp_path / "copy", checkout)
    yield machine, checkout
    machine.close()


def releases(machine: Appliance) -> set[str]:
    return set(machine.do("ls /opt/edge/releases")[1].split())


@pytest.mark.slow
def test_installer_updates_and_goes_back_when_the_new_release_does_not_come_up(
    appliance: tuple[Appliance, Path],
) -> None:
    """The service's whole life: install, update, an update undone with its data, a full disk, uninstall, purge."""
    machine, checkout = appliance
    code, said = machine.do(f"{INSTALL} --profile x86")
    assert code == 0, said
    assert "It is running" in said
    assert 'profile = "x86"' in machine.do("cat /etc/edge/edge.toml")[1]
    assert machine.do("stat -c '%U %a' /var/lib/edge /var/lib/edge/edge.db")[1].split()[:2] == ["edge", "750"]
    machine.do("echo '# mine' >>/etc/edge/edge.toml")

    commit_version(checkout, "second")
    code, said = machine.do(f"{INSTALL} --update")
    assert code == 0, said
    assert machine.do("cat /var/lib/edge/edge.db")[1].split() == ["first", "second"]
    assert "# mine" in machine.do("cat /etc/edge/edge.toml")[1]
    assert len(releases(machine)) == 2

    good, kept = machine.do("readlink /opt/edge/current")[1], releases(machine)
    commit_version(checkout, "broken")
    code, said = machine.do(f"{INSTALL} --update")
    assert code == 1, said
    assert "did not come up" in said
    assert machine.do("readlink /opt/edge/current")[1] == good
    assert releases(machine) == kept
    assert machine.do("systemctl is-active edge")[0] == 0
    assert machine.do("cat /var/lib/edge/edge.db")[1].split() == ["first", "second", "second"]

    assert machine.do(DISK_WITHOUT_ROOM)[0] == 0
    code, said = machine.do(f"cd /checkout && git checkout --quiet HEAD~1 && {INSTALL}")
    assert code == 1, said
    assert "There is no room" in said
    assert machine.do("systemctl is-active edge")[0] == 0
    assert int(machine.do("stat -c %s /var/lib/edge/edge.db")[1]) >= 24_000
    machine.do("umount --lazy /var/lib/edge")

    assert machine.do(f"{INSTALL} --uninstall")[0] == 0
    assert machine.do("ls /opt/edge /etc/systemd/system/edge.service /usr/local/bin/edge")[1].count("No such file") == 3
    assert machine.do("ls /var/lib/edge/edge.db /etc/edge/edge.toml")[0] == 0
    assert machine.do(f"{INSTALL} --uninstall --purge")[0] == 0
    assert machine.do("ls -d /var/lib/edge /etc/edge; id edge")[1].count("o such") == 3
