"""A real SLURM on this machine for the time of a test session: one node, loopback ports, no systemd, no accounting.

`munged`, `slurmctld` and `slurmd` run in the foreground as children of the test process, in a folder of their own with
a short path (that of a socket may have 107 characters). They are ended by process id, with all that they started;
should the test process itself be killed, the kernel ends them (`setpriv --pdeathsig`).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

START_S = 120.0
STOP_S = 30.0
LONGEST_SOCKET = 107
LOWEST_PORT, PORTS = 12_000, 18_000
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo", "setpriv")

CONFIGURATION = """\
ClusterName=catallaxy
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
MpiDefault=none
MessageTimeout=60
TCPTimeout=30
ReturnToService=2
KillWait=2
MaxArraySize=501
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class SlurmCluster:
    """Clients of a running cluster; they find it by `SLURM_CONF`, which `slurm_cluster` sets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def call(self, *command: str | Path, ok: bool = True) -> str:
        """Run a client of SLURM and return what it prints; fail when it does, unless `ok` is false."""
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0 or not ok, f"{command}: {done.stderr}"
        return done.stdout

    def tasks(self, job: int, field: str) -> dict[int, str]:
        """Return one field of `scontrol show job` ("JobState", "ExitCode") of every started task of an array job."""
        found = {}
        for line in self.call("scontrol", "show", "job", str(job), "--oneliner").splitlines():
            fields = dict(part.split("=", 1) for part in line.split() if "=" in part)
            index = fields.get("ArrayTaskId", "0")
            if index.isdigit():
                found[int(index)] = fields[field]
        return found

    def queued(self, *jobs: int) -> list[str]:
        """Return the ids of those tasks of these jobs that wait, run or are just ending."""
        listed = self.call("squeue", "--noheader", "--array", f"--jobs={','.join(map(str, jobs))}", "--format=%i")
        return listed.split()

    def wait(self, *jobs: int, seconds: float = 180.0) -> None:
        """Wait until these jobs have left the queue."""
        wait_until(lambda: not self.queued(*jobs), seconds, f"jobs {jobs} to leave the queue")


def wait_until(happened: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until `happened()` is true; fail the test when that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s for {what}")
        time.sleep(0.2)


def why_not() -> str:
    """Return why there can be no cluster on this machine, nothing when there can be one."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if missing:
        return f"SLURM is not installed ({', '.join(missing)}): apt-get install --no-install-recommends slurm-wlm munge"
    if os.geteuid() != 0:
        return "the daemons of SLURM need root"
    try:
        socket.gethostbyname(_host())
    except OSError:
        return f"the name of this machine, {_host()}, has no address: add it to /etc/hosts"
    return ""


@contextmanager
def slurm_cluster() -> Iterator[SlurmCluster]:
    """Start a cluster, point `SLURM_CONF` and `PATH` to it, and stop it; skip the test where there can be none."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir=_short_folder()))
    daemons: list[subprocess.Popen[bytes]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", _path())
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        try:
            yield _start(folder, daemons)
        finally:
            _stop(folder, daemons)
            shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, daemons: list[subprocess.Popen[bytes]]) -> SlurmCluster:
    for name in ("state", "spool"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    controller_port, node_port = _free_ports(2)
    text = CONFIGURATION.format(host=_host(), folder=folder, controller_port=controller_port, node_port=node_port)
    (folder / "slurm.conf").write_text(text)
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
    daemons.append(_daemon(folder, "munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files))
    wait_until((folder / "munge.socket").exists, START_S, "munged to open its socket")
    daemons.append(_daemon(folder, "slurmctld", "-D"))
    daemons.append(_daemon(folder, "slurmd", "-D"))
    wait_until(lambda: _idle(folder, daemons), START_S, f"an idle node; the logs say\n{_logs(folder)}")
    return SlurmCluster(folder)


def _daemon(folder: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start one daemon in the foreground; the kernel kills it when this process dies."""
    with (folder / f"{name}.out").open("wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _idle(folder: Path, daemons: list[subprocess.Popen[bytes]]) -> bool:
    ended = [daemon.args for daemon in daemons if daemon.poll() is not None]
    assert not ended, f"{ended} ended at once; the logs say\n{_logs(folder)}"
    listed = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False, timeout=180)
    return listed.stdout.strip() == "idle"


def _logs(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(folder.glob("*.out")))


def _stop(folder: Path, daemons: list[subprocess.Popen[bytes]]) -> None:
    """Cancel all jobs, end the daemons, last started first, and kill what is left of all they started."""
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(["scancel", "--user=root"], capture_output=True, check=False, timeout=STOP_S)
    for daemon in reversed(daemons):
        daemon.terminate()
        try:
            daemon.wait(STOP_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait(STOP_S)
    for pid in descendants(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(folder: Path) -> list[int]:
    """Return the processes that were started with this cluster's configuration in their environment, jobs included."""
    mark = f"SLURM_CONF={folder}/slurm.conf".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])


def _host() -> str:
    return socket.gethostname().partition(".")[0]


def _short_folder() -> Path:
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) + len("/slurm-12345678/munge.socket") <= LONGEST_SOCKET else Path("/var/tmp")


def _free_ports(n: int) -> list[int]:
    """Return ports of the loopback that nothing uses now, below those that the system gives to whoever asks for one."""
    free: list[int] = []
    while len(free) < n:
        port = LOWEST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            free += [port] * (port not in free)
    return free
