"""The dependency rule of the design, checked over every #include of the repository, and where SQL is.

Arrows only point down: main.cc -> service class -> rooms -> services/casework -> common -> generated
proto. Four rules follow, and each fault names the file, the line and the rule:

  1. common/ holds no clinical word: it includes nothing of services/ and no service's messages.
  2. A service never includes another service. It talks through that service's stub, in
     clients/<other>.{h,cc}; only there (and in main.cc and tests) may another's stub be named.
  3. Domain code is pure: from its own includes it cannot reach gRPC, libpqxx, the database, the
     outbox, the corridor of calls, the server, or the clock.
  4. A service runs SQL and names libpqxx only in its store files (store/ or *store.{h,cc}) and in
     tests, so that everything else reads as what happens.

Usage: include_rule.py [ROOT]
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
SERVICES = ("casework", "bbv", "mental_health", "msk", "dental", "scheduling", "audit", "workforce",
            "referral", "gateway")

# The services that casework tells about every pathway's cases. None is a pathway; referral is shown the
# need of one case in the same words by all of them.
TOLD_BY_CASEWORK = ("audit", "referral", "scheduling", "workforce")

# In a pathway, and in casework, everything is domain code except what stores, serves, delivers or
# starts. The other services are mostly such; their domain code is named here.
PURE = re.compile(r"services/(scheduling/domain/|audit/(merkle|checkpoint|leaf|verify)(_test)?\."
                  r"|gateway/(http_head|connect|claims|methods)(_test)?\."
                  r"|workforce/(vault/fields|people/(settle|slice)|fitness/(plan|retry|rules|statement))(_test)?\.)")
SHELL = re.compile(r"(^|/)(main\.cc|carriers/.*|clients/.*|store/.*|migrations/.*|.*_pgtest\.cc|.*testing.*)$")
SHELL_WORDS = {
    "service", "store", "stored", "cases", "relay", "loop", "sender", "notifier", "worker",
    "watcher", "watch", "settings", "delivery", "mailer", "smtp", "webhook", "stream", "streams",
    "conformance", "directory", "handover", "pathway", "duty", "duties", "reconcile", "reconciler", "firing", "fire",
}
STORE = re.compile(r"(^|/)(store/[a-z0-9_]+|([a-z0-9_]+_)?store)\.(h|cc)$")
SQL = re.compile(r"\bpqxx\b|\bExec(Row)?(Params)?\(")
IMPURE = re.compile(r"^(grpcpp/|grpc/|grpc\+\+/|pqxx|curl/|common/(db|outbox|rpc|server|clock|metrics|webhook)/"
                    r"|.*\.grpc\.pb\.h$)")


def sources(root):
    for top in ("common", "services", "tools", "tests"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and "node_modules" not in path.parts:
                yield path.relative_to(root).as_posix()


def read_includes(root, file):
    found = []
    for number, line in enumerate((root / file).read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match.group(2)))
    return found


def is_shell(file):
    if SHELL.search(file):
        return True
    if file.startswith(("services/scheduling/", "services/audit/", "services/gateway/", "services/workforce/")):
        return not PURE.match(file)
    stem = pathlib.PurePosixPath(file).stem
    return bool(SHELL_WORDS & set(re.sub(r"_(test|pgtest)$", "", stem).split("_")))


def is_test(file):
    return bool(re.search(r"_(pg)?test\.cc$|/testing|_fixture|_fake|/conformance\.h$", file))


def service_of(path):
    match = re.match(r"(?:services|waymark)/([a-z_]+)/", path)
    return match.group(1) if match and match.group(1) in SERVICES else None


def reach(file, includes):
    """The first impure header reachable from `file`, with the way to it; None when it is pure."""
    seen, queue = {file}, [(file, [file])]
    while queue:
        here, way = queue.pop(0)
        for _, target in includes.get(here, ()):
            if IMPURE.match(target):
                return way + [target]
            if target in includes and target not in seen:
                seen.add(target)
                queue.append((target, way + [target]))
    return None


def sql_outside_a_store(root, file):
    if STORE.search(file) or is_test(file):
        return
    for number, line in enumerate((root / file).read_text(errors="replace").splitlines(), 1):
        match = SQL.search(line.split("//")[0])
        if match:
            yield f"{file}:{number}: {match.group(0).rstrip('(')}: SQL belongs in a store file (rule 4)"


def faults(root):
    files = list(sources(root))
    includes = {file: read_includes(root, file) for file in files}
    for file in files:
        for line, target in includes[file]:
            where = f"{file}:{line}: includes {target}: "
            if file.startswith("common/"):
                if target.startswith("services/") or service_of(target):
                    yield where + "common/ may not know a service (rule 1)"
            elif file.startswith("services/"):
                own, other = file.split("/")[1], service_of(target)
                if other and other != own and other != "casework":
                    glue = "/clients/" in file or file.endswith("/main.cc") or is_test(file)
                    if target.startswith("services/"):
                        yield where + "a service may not include another service (rule 2)"
                    elif own == "casework" and other not in TOLD_BY_CASEWORK:
                        yield where + "casework may not know a pathway (rule 2)"
                    elif target.endswith(".grpc.pb.h") and not glue:
                        yield where + "another service's stub belongs in clients/ (rule 2)"
        if file.startswith(("services/", "tools/")):
            yield from sql_outside_a_store(root, file)
        if file.startswith("services/") and not is_shell(file) and not is_test(file):
            way = reach(file, includes)
            if way:
                yield f"{file}: domain code reaches {' -> '.join(way[1:])} (rule 3)"


def main(root):
    found = list(faults(root))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
