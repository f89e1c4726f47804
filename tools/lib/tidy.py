"""Runs clang-tidy over the repository's own sources, and remembers which have passed.

A source that passed is not looked at again until it, a header of this repository that it reaches, or
.clang-tidy changes. The memory is the folder <build>/tidy; remove it to look at everything.

Usage: tidy.py BUILD_FOLDER [SOURCE...]
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import include_rule

ROOT = pathlib.Path(__file__).resolve().parents[2]


def fingerprint(source, includes, settings):
    """Of the source and everything of this repository that it reaches."""
    seen, queue = set(), [source]
    while queue:
        here = queue.pop()
        if here in seen or here not in includes:
            continue
        seen.add(here)
        queue += [target for _, target in includes[here]]
    digest = hashlib.sha256(settings)
    for file in sorted(seen):
        digest.update(file.encode() + b"\0" + (ROOT / file).read_bytes())
    return digest.hexdigest()


def tidy(build, source):
    run = subprocess.run(["clang-tidy-14", "--quiet", "-p", build, source], cwd=ROOT,
                         capture_output=True, text=True)
    return run.returncode, run.stdout


def main(build, wanted):
    known = {os.path.relpath(entry["file"], ROOT)
             for entry in json.loads((build / "compile_commands.json").read_text())}
    files = list(include_rule.sources(ROOT))
    includes = {file: include_rule.read_includes(ROOT, file) for file in files}
    settings = (ROOT / ".clang-tidy").read_bytes()
    memory = build / "tidy"
    memory.mkdir(exist_ok=True)
    todo = {}
    for file in files:
        if file.endswith(".cc") and file in known and (not wanted or file in wanted):
            mark = memory / fingerprint(file, includes, settings)
            if not mark.exists():
                todo[file] = mark
    print(f"clang-tidy: {len(todo)} sources to look at", file=sys.stderr)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(tidy, build, file): file for file in todo}
        for run in concurrent.futures.as_completed(runs):
            code, output = run.result()
            if code == 0:
                todo[runs[run]].touch()
            else:
                failed += 1
                print(output, end="", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), set(sys.argv[2:])))
