"""Has decode.py decode folders of test vectors and golden archives, several at a time, and compares what comes out.

    python check.py ../../testdata/vectors ../../testdata/golden/*.trilobyte

A golden archive has the checksums of its files beside it, as sha256sum writes them.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def check(path):
    """Decodes a folder or an archive. Returns what is wrong (nothing, if all is right), and how long it took."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, HERE / "decode.py", path], capture_output=True, text=True)
    wrong = []
    if path.is_dir():
        lines = done.stdout.splitlines()
        wrong = [line for line in lines if not line.startswith("right ")]
        if not lines:
            wrong.append("nothing was decoded")
    else:
        decoded = {tuple(line.split(" ", 1)) for line in done.stdout.splitlines()}
        wanted = [tuple(line.split("  ", 1)) for line in path.with_suffix(".sha256").read_text().splitlines()]
        wrong = [f"WRONG {name}" for sum, name in wanted if (sum, name) not in decoded]
        if not wanted:
            wrong.append("there are no checksums beside it")
    if done.returncode:
        wrong.append(done.stderr)
    return wrong, time.monotonic() - begun


def main():
    paths = [pathlib.Path(name) for name in sys.argv[1:]]
    if not paths:
        sys.exit(__doc__)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (wrong, seconds) in zip(paths, pool.map(check, paths)):
            print(f"{'WRONG' if wrong else 'right'} {path} ({seconds:.0f} s)", *wrong, sep="\n  ", flush=True)
            bad += bool(wrong)
    print(f"{len(paths) - bad} passed, {bad} failed")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
