# shellcheck shell=bash
# What tools/run, tools/test and tools/check share: where the checkout is, how to speak, and how to
# get the packages. Sourced, never run.

set -euo pipefail

WAYMARK_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export WAYMARK_ROOT

say() { printf '%s\n' "waymark: $*" >&2; }
die() {
  say "$*"
  exit 1
}

# packages USE...: the names in deploy/packages/debian-12.txt for these uses that are not there yet.
missing_packages() {
  local uses=" $* " use package command
  while read -r use package command; do
    case $use in '' | '#'*) continue ;; esac
    [[ $uses == *" $use "* ]] || continue
    [[ -n $command ]] && command -v "$command" >/dev/null && continue
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed && continue
    printf '%s\n' "$package"
  done <"$WAYMARK_ROOT/deploy/packages/debian-12.txt"
}

# Installs as root, quietly and without starting any daemon that a package brings (PostgreSQL's and
# Prometheus's own services would take ports and memory that nobody asked for).
install_as_root() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  local result=0
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -qq &&
      apt-get install -qq --yes --no-install-recommends "$@" </dev/null >/dev/null
  } || result=$?
  [[ -n $ours ]] && rm -f "$policy"
  return "$result"
}

# need_packages USE...: makes sure that everything for these uses is installed, or says the one
# command that does it and stops.
need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local command="apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}"
  if [[ ! -r /etc/debian_version || $(</etc/debian_version) != 12* ]]; then
    say "this is not Debian 12, so nothing is installed; these packages are missing: ${missing[*]}"
    exit 1
  fi
  if ((EUID == 0)); then
    say "installing ${#missing[@]} packages: ${missing[*]}"
    install_as_root "${missing[@]}" || die "apt-get could not install them; see above"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    say "installing ${#missing[@]} packages with sudo: ${missing[*]}"
    sudo -n bash -c "$(declare -f install_as_root); install_as_root ${missing[*]}" ||
      die "apt-get could not install them; see above"
  else
    say "some packages are missing and this user may not install them. Run this once, then try again:"
    printf '\n  sudo sh -c "%s"\n\n' "$command" >&2
    exit 1
  fi
}

# Node.js 20, which the console's tools need; Debian 12 has 18. What is there is taken when it is new
# enough, else npm brings it into build/node.
need_node() {
  local major arch
  major=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
  ((${major:-0} < 20)) || return 0
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) die "the console's tools need Node.js 20 or later; install it, then try again" ;;
  esac
  local folder=$WAYMARK_ROOT/build/node
  local bin=$folder/node_modules/node-linux-$arch/bin
  if [[ ! -x $bin/node ]]; then
    say "installing Node.js 20 into build/node, for the console"
    mkdir -p "$folder"
    npm install --prefix "$folder" --ignore-scripts --no-save --no-audit --no-fund --silent \
      "node-linux-$arch@20.20.2" || die "npm could not install it; see above"
  fi
  export PATH=$bin:$PATH
}

# npm_install FOLDER: what its package.json names, when that has changed. Not npm ci: see step_protos in
# tools/check.
npm_install() {
  local folder=$1
  [[ ! -f $folder/node_modules/.package-lock.json ||
    $folder/package.json -nt $folder/node_modules/.package-lock.json ]] || return 0
  npm install --prefix "$folder" --no-save --no-audit --no-fund --silent ||
    die "npm could not install what $folder needs; see above"
  touch "$folder/node_modules/.package-lock.json"
}

# The OpenID provider of tools/oidc, that tools/run and the tests sign in at.
need_provider() {
  [[ -d $WAYMARK_ROOT/tools/oidc/node_modules/oidc-provider ]] && return 0
  say "installing the development identity provider"
  npm_install "$WAYMARK_ROOT/tools/oidc"
}

# build_console_into FOLDER SCRIPT: runs the script of its package.json when something that the console is made
# of has changed since. What is generated from proto/ counts as proto/.
build_console_into() {
  local built=$1 script=$2 console=$WAYMARK_ROOT/services/gateway/console
  if [[ -f $built/index.html && -z $(
    find "$WAYMARK_ROOT/proto" \
      "$console"/{src,public,index.html,vite.config.ts,tsconfig.json,package.json,generate,comments.mjs} \
      -path "$console/src/gen" -prune -o -newer "$built/index.html" -print -quit
  ) ]]; then
    return 0
  fi
  need_node
  say "building the console ($script)"
  npm_install "$console"
  npm run --prefix "$console" --silent "$script" >/dev/null || die "the console could not be built; see above"
}

# What the gateway serves, and the demonstration that the page tests look at.
build_console() { build_console_into "$WAYMARK_ROOT/services/gateway/console/dist" build; }
build_console_demo() { build_console_into "$WAYMARK_ROOT/build/console-demo" build:demo; }

# ccache keeps its objects where it always does; where that cannot be written, beside the build.
use_ccache() {
  export CCACHE_BASEDIR=$WAYMARK_ROOT CCACHE_NOHASHDIR=1
  local cache=${CCACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ccache}
  if ! mkdir -p "$cache" 2>/dev/null || [[ ! -w $cache ]]; then
    cache=$WAYMARK_ROOT/build/ccache
    mkdir -p "$cache"
  fi
  export CCACHE_DIR=$cache
}

# build PRESET [ninja arguments]: configures once and builds; says where and how long it took.
build() {
  local preset=$1 started=$SECONDS
  shift
  local folder=$WAYMARK_ROOT/build/$preset
  use_ccache
  (
    cd "$WAYMARK_ROOT"
    say "configuring build/$preset"
    cmake --preset "$preset" >"/tmp/waymark-configure.$$" 2>&1 || {
      cat "/tmp/waymark-configure.$$" >&2
      rm -f "/tmp/waymark-configure.$$"
      exit 1
    }
    rm -f "/tmp/waymark-configure.$$"
    say "building (the first time takes up to 25 minutes on two cores)"
    ninja -C "$folder" "$@" >&2
  ) || die "the build failed; the first error is above"
  say "built in $((SECONDS - started)) s"
}

# The repository's own C++ files, and its shell scripts, whatever they are called.
cpp_files() {
  (cd "$WAYMARK_ROOT" && find common services tools tests \
    -name node_modules -prune -o \( -name '*.h' -o -name '*.cc' \) -print | sort)
}

shell_files() {
  (cd "$WAYMARK_ROOT" && find .ci common services tools tests deploy \
    -name node_modules -prune -o -type f -size -200k -print | sort |
    while read -r file; do
      IFS= read -r -n 40 first <"$file" || true
      case $first in '#!'*sh*) printf '%s\n' "$file" ;; esac
    done 2>/dev/null)
}
