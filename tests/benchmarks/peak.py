"""The `syncd` program, which at its end says on standard error how many bytes of memory it took at most.

python -m tests.benchmarks.peak backfill --config syncd.toml --json
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from syncd.cli.app import app

_STATUS = Path("/proc/self/status")
_KIB = 1024


def main() -> int:
    code = app(sys.argv[1:], standalone_mode=False)
    print(peak_bytes(), file=sys.stderr)
    return int(code or 0)


def peak_bytes() -> int:
    """Of this process, from its start on. What `getrusage` says may be the parent's, from before the start."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * _KIB
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB


if __name__ == "__main__":
    sys.exit(main())
