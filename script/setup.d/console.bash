# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What the person sees: one line a step, a sign of life, and what to do when a
# step fails. Everything that a step prints goes to its own log file.

# The program that the person typed.
ENTRY=script/setup
QUIET=
LOG_FOLDER=
HINT_FILE=
STEP_GROUP=
EXPLAINED=
RED='' BOLD='' PLAIN=''
# The longest set-up, on a slow machine with a thin line.
LOCK_SECONDS=3600

start_console() {
    if ! mkdir -p "$CACHE/log" 2>/dev/null; then
        stop "Cannot write to $CACHE: set XDG_CACHE_HOME to a folder of yours."
    fi
    CACHE=$(cd "$CACHE" && pwd)
    LOG_FOLDER=$CACHE/log
    HINT_FILE=$LOG_FOLDER/hint.$$
    if [[ -t 2 ]]; then
        RED=$'\e[31m' BOLD=$'\e[1m' PLAIN=$'\e[0m'
    fi
    trap 'stop_step; EXPLAINED=1; exit 130' INT
    trap 'stop_step; EXPLAINED=1; exit 143' TERM
    trap 'end_console $?' EXIT
}

# No end without a word, even where `set -e` ends the set-up.
end_console() {
    rm -f "$HINT_FILE"
    if (($1)) && [[ -z $EXPLAINED ]]; then
        echo "$ENTRY stopped at a fault of its own: please report what is above." >&2
    fi
}

# stop SENTENCE...: end the set-up, each sentence on its line.
stop() {
    printf '%s\n' "$@" >&2
    EXPLAINED=1
    exit 1
}

# Two set-ups at once would download and build everything twice.
take_lock() {
    exec 9>"$CACHE/lock"
    if ! flock --nonblock 9; then
        echo "Another set-up is running, waiting for it to end." >&2
        if ! flock --timeout "$LOCK_SECONDS" 9; then
            stop "Another set-up has not ended within $((LOCK_SECONDS / 60)) minutes: look for it with" \
                "    fuser -v '$CACHE/lock'" \
                "end it, and run $ENTRY again."
        fi
    fi
    # What a set-up that was killed had begun.
    forget "$CACHE"/making.*
}

# forget FOLDER...: remove them; what is still mounted in them is unmounted first, or rm would empty
# what is mounted: of a Debian root that is being made, this machine's /dev/shm.
forget() {
    local folder place
    for folder in "$@"; do
        while read -r _ _ _ _ place _; do
            # A blank is written as \040.
            place=$(printf '%b' "$place")
            if [[ $place == "$folder"/* ]]; then
                umount --lazy "$place"
            fi
        done < <(tac /proc/self/mountinfo)
        rm -rf --one-file-system "$folder"
    done
}

# Eight characters that stand for the texts given, in the names of cached things.
hash_of() {
    printf '%s\n' "$@" | sha256sum | cut -c1-8
}

# Report that nothing had to be done.
already() {
    [[ $QUIET ]] || printf '%-34s already there\n' "$1" >&2
}

say_ready() {
    [[ $QUIET ]] || printf 'Ready in %d s.\n' "$SECONDS" >&2
}

# Leave a step with the sentence that tells the person what to do.
give_up() {
    printf '%s\n' "$*" >"$HINT_FILE"
    exit 1
}

# step TITLE LOG COMMAND...: run COMMAND with its output in log/LOG.log.
# COMMAND runs in a subshell, in a process group of its own so that Ctrl-C can
# end all of it, and outside of any condition so that `set -e` works within. It ends
# with us, however we end: it has the lock that the next set-up waits for.
step() {
    local title=$1 log=$LOG_FOLDER/$2.log started=$SECONDS status=0
    shift 2
    rm -f "$HINT_FILE"
    set -m
    (
        end_with $$ 9>&- &
        "$@"
    ) </dev/null >"$log" 2>&1 &
    STEP_GROUP=$!
    set +m
    if [[ -t 2 ]]; then
        show_life "$title" "$started" "$STEP_GROUP"
    fi
    wait "$STEP_GROUP" || status=$?
    # Its watcher, and what it may have left.
    kill -KILL -- "-$STEP_GROUP" 2>/dev/null || true
    STEP_GROUP=
    if ((status)); then
        fail_step "$title" "$log"
    fi
    printf '%-34s %d s\n' "$title" $((SECONDS - started)) >&2
}

# end_with PROCESS: end the group that this runs in, once the process has ended.
end_with() {
    local state
    # One that was killed may be a zombie for long: Z, proc_pid_stat(5).
    while read -r _ _ state _ <"/proc/$1/stat" && [[ $state != Z ]]; do
        sleep 1
    done 2>/dev/null
    trap '' TERM
    kill -TERM 0
    sleep 5
    kill -KILL 0
}

show_life() {
    local title=$1 started=$2 process=$3 turn=0 signs='-+*+'
    while kill -0 "$process" 2>/dev/null; do
        printf '\r%-34s %s %d s' "$title" "${signs:turn++%4:1}" \
            $((SECONDS - started)) >&2
        sleep 0.2
    done
    printf '\r\e[K' >&2
}

stop_step() {
    [[ -z $STEP_GROUP ]] || kill -TERM -- "-$STEP_GROUP" 2>/dev/null || true
}

fail_step() {
    local title=$1 log=$2
    {
        printf '%s%s: failed%s\n' "$RED" "$title" "$PLAIN"
        tail -n 12 "$log" | sed 's/^/    /'
        if [[ -s $HINT_FILE ]]; then
            printf '%s%s%s\n' "$BOLD" "$(cat "$HINT_FILE")" "$PLAIN"
        else
            printf '%s%s%s\n' "$BOLD" "$(guess_cause "$log")" "$PLAIN"
        fi
        printf 'The whole log: %s\n' "$log"
    } >&2
    EXPLAINED=1
    exit 1
}

# The usual causes that no step can see by itself, from what the tools printed.
guess_cause() {
    local log=$1 free
    free=$(df -Pm "$CACHE" | awk 'NR == 2 { print $4 }')
    if grep -qiE 'no space left|not enough free space' "$log" || ((free < 100)); then
        echo "The disk is full: $free MB are free, a first set-up needs 2 GB" \
            "(in $CACHE and in /)."
    elif grep -qiE 'temporary failure (in name resolution|resolving)|could not (resolve|connect)|network is unreachable|connection (refused|timed out)|NewConnectionError|Name or service not known' "$log"; then
        echo "The network cannot be reached: check the connection and the proxy" \
            "(http_proxy, apt's and pip's own settings), then run $ENTRY again."
    elif grep -qi 'could not get lock' "$log"; then
        echo "Another program is installing packages: wait for it to end," \
            "then run $ENTRY again."
    else
        echo "The lines above say why; correct that and run $ENTRY again." \
            "What is done is kept."
    fi
}
