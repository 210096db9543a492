"""Start a test module as two real gloo processes."""

import os
import subprocess
import sys
from pathlib import Path


def run_two_processes(module: str, folder: Path, timeout: float = 300) -> None:
    """Run `python -m module folder` under torchrun with two processes; raises with their output when one fails."""
    # standalone: torchrun holds the port it listens on, so that no other test can take it in between
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1"),
        *("--nproc_per_node=2", "-m", module, str(folder)),
    ]
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed in two processes:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
