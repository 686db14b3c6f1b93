# shellcheck shell=bash
# What quickstart, test and bench share: steps that show their progress, packages, peers, and programs that are always
# stopped again. Source it; it moves to the checkout's top folder.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
checkout=$PWD
logs=$checkout/.build-logs # also git-ignored, and kept after a failure

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    terminal=yes bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
    # shellcheck disable=SC2034 # the scripts that source this use them
    terminal='' bold='' dim='' red='' green='' yellow='' plain=''
fi

# --- Saying what happens ---------------------------------------------------------------------------------------------

# step TEXT: announces the next thing to do, with the time since the start.
step() { printf '%s[%4ds]%s %s\n' "$bold" "$SECONDS" "$plain" "$*"; }

# note TEXT: one more line about the current step.
note() { printf '        %s\n' "$*"; }

# fail TEXT...: says what is wrong and what to do, one line each, and ends the script.
fail() {
    printf '\n%s%s%s\n' "$red$bold" "$1" "$plain" >&2
    shift
    (($# == 0)) || printf '  %s\n' "$@" >&2
    exit 1
}

# usage FILE: prints the comment at the top of a script as its help.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$1"; }

# with_progress NAME COMMAND...: runs a command with its output in a log, showing the log's last line while it runs.
# On failure it shows the end of the log and returns the command's status.
with_progress() {
    local name=$1 log=$logs/$1.log begin=$SECONDS pid status=0 ticks=0
    shift
    mkdir -p "$logs"
    launch pid "$name" "$log" "$@"
    while kill -0 "$pid" 2>/dev/null; do
        if [[ $terminal ]]; then
            printf '\r\e[K%s%s%s' "$dim" "$(cut_to_width "        $((SECONDS - begin))s  $(last_line "$log")")" "$plain"
        elif ((++ticks % 40 == 0)); then
            note "$(cut_to_width "$((SECONDS - begin))s  $(last_line "$log")")"
        fi
        sleep 0.5
    done
    wait "$pid" || status=$?
    forget "$pid"
    [[ ! $terminal ]] || printf '\r\e[K'
    if ((status == 0)); then
        note "${green}done${plain} in $((SECONDS - begin))s"
    else
        tail -n 40 "$log" | sed 's/^/  | /'
        note "${red}failed${plain} with status $status after $((SECONDS - begin))s; the whole log: ${log#"$checkout"/}"
    fi
    return "$status"
}

# last_line FILE: its last line that is not empty, without colours.
last_line() {
    tail -c 1000 "$1" | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | awk 'NF { line = $0 } END { print line }'
}

# width: columns of the terminal, 110 when there is none.
width() {
    local columns=''
    [[ ! $terminal ]] || columns=$(tput cols 2>/dev/null || true)
    echo "${columns:-110}"
}

# cut_to_width TEXT: the text without what would wrap.
cut_to_width() {
    local columns
    columns=$(width)
    printf '%s' "${1:0:columns-1}"
}

# --- Programs that are always stopped again --------------------------------------------------------------------------

running=() # "PID NAME" of everything started here, in the order of its start
folder=''  # the temporary folder, removed at the end

# launch VARIABLE NAME LOG COMMAND...: starts a command in the background and puts its process id in VARIABLE.
# It gets a session of its own, so that Ctrl-C reaches this script alone, which then stops everything in order; and
# the usual answer to SIGINT, which the shell takes away from what it starts in the background.
launch() {
    local -n launched=$1
    local name=$2 log=$3
    shift 3
    env --default-signal=INT,QUIT setsid "$@" >"$log" 2>&1 </dev/null &
    launched=$!
    running+=("$launched $name")
}

# forget PID: it has ended and been waited for.
forget() {
    local kept=() entry
    for entry in "${running[@]}"; do [[ ${entry%% *} == "$1" ]] || kept+=("$entry"); done
    running=("${kept[@]}")
}

# end PID: asks a started program and its children to stop, insists after ten seconds, and waits until it is gone.
end() {
    local pid=$1 tenths=0
    # Its session carries its own process id, so this reaches nothing that was not started here. A program that was
    # started this very moment may not have its session yet.
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((tenths++ < 100)); do sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    forget "$pid"
}

# end_everything: stops what was started, the last first: a sender goes before its receiver. Also removes the folder.
end_everything() {
    local status=$?
    trap '' INT TERM HUP # a second Ctrl-C must not leave something running
    [[ ! $folder ]] || ((${#running[@]} == 0)) || step "Stopping what was started, removing $folder"
    while ((${#running[@]})); do end "${running[-1]%% *}"; done
    [[ ! $folder ]] || rm -rf "$folder"
    return "$status"
}
trap end_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# temporary_folder: makes the folder for all data of this run.
temporary_folder() { folder=$(mktemp -d "${TMPDIR:-/tmp}/lapwing.XXXXXX"); }

# free_port VARIABLE: a port of 127.0.0.1 that nothing listens on, below the range the kernel hands out by itself.
ports_taken=' '
free_port() {
    local -n chosen=$1
    for _ in {1..200}; do
        chosen=$((20000 + RANDOM % 12000))
        [[ $ports_taken == *" $chosen "* ]] && continue
        (: <"/dev/tcp/127.0.0.1/$chosen") 2>/dev/null && continue
        ports_taken+="$chosen "
        return
    done
    fail "No free port on 127.0.0.1 between 20000 and 32000 after 200 tries."
}

# serve NAME READY_URL COMMAND...: starts a server and waits until READY_URL answers; its id goes to $server.
server=''
serve() {
    local name=$1 url=$2 log=$folder/$1.log deadline=$((SECONDS + 60))
    shift 2
    launch server "$name" "$log" "$@"
    until curl --silent --fail --max-time 2 --output /dev/null "$url"; do
        if ! kill -0 "$server" 2>/dev/null; then
            tail -n 20 "$log" | sed 's/^/  | /'
            fail "$name ended instead of serving; its last words are above." "Command: $*"
        elif ((SECONDS >= deadline)); then
            tail -n 20 "$log" | sed 's/^/  | /'
            fail "$name does not answer $url after 60 seconds; the end of its log is above." "Command: $*"
        fi
        sleep 0.2
    done
}

# --- What the machine must have --------------------------------------------------------------------------------------

# listed GROUP: the package names of one group of Deploy/packages.
listed() { awk -v group="$1" '$1 == group { print $2 }' Deploy/packages; }

# find_swift: puts the Swift toolchain on PATH if it is in one of the usual places.
find_swift() {
    local place
    for place in '' /opt/swift/usr/bin /usr/local/swift/usr/bin "${HOME:-}/.local/share/swiftly/bin"; do
        [[ -z $place || ! -x $place/swift ]] || PATH=$PATH:$place
        ! command -v swift >/dev/null || return 0
    done
    fail "Swift is not on PATH, nor in /opt/swift/usr/bin." \
        "Lapwing is built with Swift 6.2 or newer: https://www.swift.org/install/linux/"
}

# check_swift: refuses a toolchain that does not run or is too old.
check_swift() {
    local answer version
    answer=$(swift --version 2>&1) || fail "$(command -v swift) does not run:" "$answer"
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$answer" | head -n 1)
    if ((${version%%.*} < 6 || (${version%%.*} == 6 && ${version##*.} < 2))); then
        fail "Lapwing is built with Swift 6.2 or newer; $(command -v swift) is $version." \
            "A newer one: https://www.swift.org/install/linux/"
    fi
    note "Swift $version, $(command -v swift)"
}

# install_packages GROUP: installs what is missing of one group, as root or with sudo, and says so.
install_packages() {
    local package missing=() as_root=()
    if ! command -v dpkg-query >/dev/null; then
        note "This is not a Debian system: the packages of Deploy/packages must be there under their names here."
        return
    fi
    for package in $(listed "$1"); do
        [[ $(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null) == installed* ]] || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        note "All packages are there."
        return
    fi
    note "Missing packages:"
    for package in "${missing[@]}"; do
        note "$(awk -v group="$1" -v name="$package" '$1 == group && $2 == name {
            $1 = $2 = ""; printf "  %-20s %s", name, substr($0, 3) }' Deploy/packages)"
    done
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
            note "Installing them needs root, so sudo may ask for your password."
            as_root=(sudo)
            sudo -v || fail "sudo did not let you install packages." "Ask for this, then run $0 again:" \
                "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        else
            fail "Root is needed to install the packages above, and only for that." "As root, then run $0 again:" \
                "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        fi
    fi
    # In the foreground, because sudo remembers its password for this terminal session only.
    mkdir -p "$logs"
    note "apt-get update"
    "${as_root[@]}" apt-get update >"$logs/apt.log" 2>&1 || {
        tail -n 20 "$logs/apt.log" | sed "s,^,  | ,"
        fail "apt-get update failed." "Check /etc/apt/sources.list and the network, then run $0 again."
    }
    note "apt-get install"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "${missing[@]}" >>"$logs/apt.log" 2>&1 || {
        tail -n 20 "$logs/apt.log" | sed "s,^,  | ,"
        fail "apt-get install failed." "Install them by hand, then run $0 again: ${missing[*]}"
    }
}

# provide PROGRAM...: puts programs to run beside Lapwing on PATH. What is missing is downloaded from the machine's own
# Debian mirror, checked by apt, and unpacked under .build-peers/PROGRAM: no root, nothing installed or started.
provide() {
    local program peers=$checkout/.build-peers apt updated=''
    for program in "$@"; do
        [[ ! -d $peers/$program ]] || PATH=$PATH:$peers/$program/usr/bin
        if command -v "$program" >/dev/null; then
            note "$program: $(command -v "$program")"
            continue
        fi
        command -v apt-get >/dev/null || fail "$program is not on PATH." "Put it there, then run $0 again."
        # Package lists of its own: the machine's may be empty or old, and only root may renew them.
        mkdir -p "$peers"/apt/{lists/partial,cache/archives/partial} "$peers/apt/$program"
        apt=(apt-get -o Dir::State::lists="$peers/apt/lists" -o Dir::Cache="$peers/apt/cache" -o APT::Sandbox::User=)
        if [[ ! $updated ]]; then
            with_progress peers-update "${apt[@]}" update ||
                fail "The Debian package lists cannot be fetched." "Put $program on PATH, then run $0 again."
            updated=yes
        fi
        note "$program: unpacking Debian's package under .build-peers/ (not installed)"
        # shellcheck disable=SC2046 # one word a package
        with_progress "peers-$program" env --chdir="$peers/apt/$program" "${apt[@]}" download $(listed "$program") ||
            fail "Debian's package of $program cannot be fetched." "Put $program on PATH, then run $0 again."
        # Under its final name only when complete, so that an interrupted run leaves no half a program.
        find "$peers/apt/$program" -name '*.deb' -exec dpkg -x {} "$peers/apt/$program" \; -delete
        mv "$peers/apt/$program" "$peers/$program"
        PATH=$PATH:$peers/$program/usr/bin
        "$program" --version >/dev/null 2>&1 ||
            fail "$peers/$program/usr/bin/$program does not run." "Put a working $program on PATH, then run $0 again."
    done
    rm -rf "$peers/apt"
}

# build_release: builds .build/release/lapwing.
build_release() {
    with_progress build swift build -c release --product lapwing || fail "The build failed; the errors are above."
}
