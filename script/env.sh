# Sourced by the other scripts, never run: where things are, and which versions of the tools this tree wants.
# It installs nothing (script/setup does) and works in the bash 3.2 of macOS.
# shellcheck shell=bash

set -euo pipefail

# Paths in the caller's settings are relative to here.
# shellcheck disable=SC2034
CALLED_FROM=$PWD
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"

TOOLCHAIN=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
CACHE=${SPILLWAY_CACHE:-$HOME/.cache/spillway}

say() { printf '==> %s\n' "$*"; }
die() {
    printf 'spillway: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# The version of a crate in Cargo.lock (the newest, if there are several).
locked_version() {
    awk -v name="$1" '$1 == "name" { hit = ($3 == "\"" name "\"") }
        $1 == "version" && hit { gsub(/"/, "", $3); version = $3 }
        END { print version }' Cargo.lock
}

# One line per cargo tool: who needs it, crate, version, features ("-" for the default ones, "none"), --locked or not.
# wasm-bindgen refuses a module that another version of its library made, so the lock file decides; the lock file
# that 0.2.130 was published with names a dependency that was withdrawn, hence the "no".
tools() {
    local bindgen
    bindgen=$(locked_version wasm-bindgen)
    cat <<TOOLS
serve cargo-leptos 0.3.11 no_downloads yes
serve wasm-bindgen-cli $bindgen none $([ "$bindgen" = 0.2.130 ] && echo no || echo yes)
test cargo-deny 0.20.2 - yes
test sqlx-cli 0.9.0 postgres yes
test cargo-nextest 0.9.143 default-no-update yes
TOOLS
}

# The folder of a tool names everything that its content depends on: a stale one cannot pass for a fresh one, since
# it has another name. It comes into being by a rename, so that an interrupted install leaves nothing behind.
tool_dir() { # crate version features
    local features
    features=$(printf %s "$3" | tr ',' '+')
    [ "$features" = - ] && features=default
    printf '%s/tools/%s-%s-rust%s-%s' "$CACHE" "$1" "$2" "$TOOLCHAIN" "$features"
}

# The newest PostgreSQL, 15 or later, whose server programs are on this machine. Debian keeps them out of PATH.
postgres_bin() {
    local dir major best='' best_major=0
    for dir in "$(command -v postgres 2>/dev/null | sed 's,/[^/]*$,,')" \
        "$(pg_config --bindir 2>/dev/null || true)" \
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin; do
        if [ -z "$dir" ] || [ ! -x "$dir/postgres" ] || [ ! -x "$dir/initdb" ] || [ ! -x "$dir/pg_ctl" ]; then continue; fi
        # A link may stand alone in its folder; beside the program itself are the others, such as createdb and pgbench.
        dir=$(dirname "$(readlink -f "$dir/postgres")")
        major=$("$dir/postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        if [ "${major:-0}" -ge 15 ] && [ "$major" -gt "$best_major" ]; then
            best=$dir best_major=$major
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

chromium_bin() {
    local name
    # The shell first: it is what Playwright uses where it may choose. Chromium's own headless mode starts a second
    # renderer for every page, which is a quarter of what the browser tests cost.
    for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -n "$name" ] && have "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# What sets a program's clock wrong, for the tests of nodes whose clock is.
faketime_lib() {
    local lib
    for lib in "${SPILLWAY_FAKETIME:-}" /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1 \
        /opt/homebrew/lib/faketime/libfaketime.1.dylib /usr/local/lib/faketime/libfaketime.1.dylib; do
        if [ -n "$lib" ] && [ -f "$lib" ]; then
            printf '%s\n' "$lib"
            return
        fi
    done
    return 1
}

node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }

# Where script/setup puts a newer Node.js, if the distribution's is too old for Tailwind.
NODE_DIR=$CACHE/tools/node-22

set_path() {
    local crate version features path="$ROOT/style/node_modules/.bin:$NODE_DIR/node_modules/node/bin"
    while read -r _ crate version features _; do
        path="$path:$(tool_dir "$crate" "$version" "$features")/bin"
    done <<TOOLS
$(tools)
TOOLS
    # What the user has comes after what this tree pins, and rustup's folder last, for shells that did not load it.
    PATH="$path:$PATH:$HOME/.cargo/bin"
    export PATH
}
set_path

# Intermediate artefacts are shared by all clones, so that another clone, such as CI's, builds no dependency again. Final
# ones (the binary, the site) are in each clone's own target folder, where another clone cannot swap them under a test.
if [ -z "${CARGO_TARGET_DIR:-}" ]; then
    export CARGO_TARGET_DIR="$ROOT/target"
    export CARGO_BUILD_BUILD_DIR="${CARGO_BUILD_BUILD_DIR:-$CACHE/build/rust$TOOLCHAIN}"
fi
# Cargo names what it compiles of our own crates by their path inside the clone. So two clones would share those too, and a
# source file that is older than the other clone's artefact would pass for compiled. The path of this wrapper is the
# difference: cargo hashes it into the names of workspace crates, and of no others.
export RUSTC_WORKSPACE_WRAPPER="${RUSTC_WORKSPACE_WRAPPER:-$ROOT/script/rustc}"

# A fresh clone has nothing to be incremental about, and what is kept for it is half of all that a build leaves.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

# The colour and progress codes of the tools are for people, not for logs.
[ -t 1 ] || export CARGO_TERM_PROGRESS_WHEN=never
