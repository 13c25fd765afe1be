# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # row: an associative array that functions share
#
# Rows that hold for a dialect of ours and for the program it stands in for. Each row is run against
# ours, and against the real program too where there is one; both must do what the row says, and
# write the same to standard output.
#
#     load ../lib/compare
#     setup() { enter_comparison bwrap; }
#     prelude='umask 0077'    # shell code before each row
#
#     @test "files and folders" {
#         compare <<'END'
#         # what the row shows
#         since 0.9.0
#         $ echo data >f
#         $ bwrap "${host[@]}" --file 11 /tmp/f cat /tmp/f 11<f
#         > data
#         2> bwrap: Only the last --chdir option will take effect
#         status 1
#     END
#     }
#
# The lines of a row, all but "#" and "$" left out at will; indentation does not count:
#
#     # NAME       begins a row
#     $ SHELL      a line of bash, run in an empty folder of its own with the program first in PATH,
#                  and with the functions below at hand; no fds but 0, 1 and 2
#     > TEXT       a line of standard output. All lines there are; without any, nothing is printed
#     has GLOB     some line of standard output is like this pattern of the shell; the others may
#                  say what they like, but the same for both programs
#     lacks GLOB   no line is
#     2> GLOB      a line of standard error; "2> ..." at the end: any others. Without any: nothing
#     status N     exit status; 0
#     since V      the real program is run only if it is at least of this version
#     before V     ... only if it is older than this
#     differs WHY  ours differs, and why. Output is not compared; the real program is held to the
#                  lines "real > TEXT", "real has GLOB", "real 2> GLOB", "real status N"; without
#                  any, it is not run
#
# Functions for rows:
#
#     see WHAT[,WHAT...] ARGUMENT...   run the program with these arguments, and as COMMAND a bash
#                                      that prints what it sees: mounts, ids, caps, env, fds, cwd,
#                                      umask, signals, privs, pids, namespaces (or: all)
#     numbers_hidden COMMAND...        COMMAND with each number of two digits and more as N
#
# and arrays of arguments: `host` for all of the host, read-only; `bare` for its programs alone.
#
# The real programs: REAL_BWRAP, REAL_FAKEROOT and REAL_MKOSI_SANDBOX, else what PATH has. Ours: BWRAP,
# FAKEROOT and MKOSI_SANDBOX, else what is installed, else a link to NSROOT.

load ../lib/nsroot

# Run within COMMAND, with builtins alone: the sandbox may hold nothing else.
SEE='
shopt -s nullglob
tell() {
    local line
    while IFS= read -r line; do
        [[ "$line" != $2 ]] || echo "$line"
    done <"$1"
}
see_mounts() { tell /proc/self/mountinfo "*"; }
see_ids() {
    for name in uid_map gid_map setgroups; do
        while read -r line; do echo $name: $line; done </proc/self/$name
    done
    tell /proc/self/status "[UG]id:*"
    tell /proc/self/status "Groups:*"
}
see_caps() { tell /proc/self/status "Cap*"; }
see_env() {
    mapfile -d "" words </proc/$$/environ
    for word in "${words[@]}"; do
        [[ "$word" = *SAN_OPTIONS=* ]] || echo "env: ${word@Q}"
    done
}
see_fds() {
    for path in /proc/$$/fd/*; do
        ! [ -L "$path" ] || fds[${path##*/}]=open
    done
    echo fds: "${!fds[@]}"
}
see_cwd() { echo "cwd: $(pwd -P)"; }
see_umask() { umask; }
see_signals() { tell /proc/self/status "Sig[BI]*"; }
see_privs() { tell /proc/self/status "NoNewPrivs*"; }
see_pids() {
    echo "pid: $$ parent: $PPID"
    for path in /proc/[0-9]*; do
        ! [ -r "$path/comm" ] || echo "process ${path##*/}: $(<"$path/comm")"
    done
}
see_namespaces() {
    set -f # "net:[1]" is no pattern
    for path in $outside; do
        name=${path%%:*}
        [ "$(readlink "/proc/self/ns/$name")" = "$path" ] && echo "$name: same" || echo "$name: new"
    done
    set +f
}
outside=$2
for what in ${1//,/ }; do
    if [ "$what" = all ]; then
        for what in mounts ids caps env fds cwd umask signals privs; do see_$what; done
    else
        see_$what
    fi
done
exit 0'

# Rows have these, and what `prelude` says.
see() {
    local what=$1 outside
    shift
    outside=$(readlink /proc/self/ns/{cgroup,ipc,mnt,net,pid,user,uts} | tr '\n' ' ')
    "$PROGRAM" "$@" bash -c "$SEE" see "$what" "$outside" | normalised
    return "${PIPESTATUS[0]}"
}

numbers_hidden() {
    "$@" | sed -E 's/[0-9]{2,}/N/g'
    return "${PIPESTATUS[0]}"
}

# Lines of mountinfo in the order of their mount points, without ids and parents, with devices and
# peer groups renumbered as they come; without what other mounts cover. What is made of a tmpfs that
# only the sandbox sees looks the same whatever its parts are called.
normalised() {
    awk '
function renumbered(kind, number) {
    if (!((kind, number) in seen))
        seen[kind, number] = ++count[kind]
    return seen[kind, number]
}
$1 ~ /^[0-9]+$/ && $2 ~ /^[0-9]+$/ && $3 ~ /^[0-9]+:[0-9]+$/ {
    line[++lines] = $0
    parent[$1] = $2
    where[$1] = $5
    next
}
{ others[++other] = $0 }
END {
    # stable, by mount point
    for (i = 2; i <= lines; i++)
        for (j = i; j > 1 && point(line[j - 1]) > point(line[j]); j--) {
            kept = line[j]; line[j] = line[j - 1]; line[j - 1] = kept
        }
    for (i = 1; i <= lines; i++)
        if (is_seen(line[i]))
            print one(line[i])
    for (i = 1; i <= other; i++)
        print others[i]
}
# Nothing is mounted over it as a whole, and it can be reached.
function is_seen(text, field, other) {
    split(text, field, " ")
    for (other in where)
        if (parent[other] == field[1] && where[other] == field[5])
            return 0
    return is_reached(field[1])
}
function is_reached(id, other) {
    if (!(parent[id] in parent))
        return 1
    for (other in where)
        if (other != id && parent[other] == parent[id] &&
            index(where[id] "/", where[other] == "/" ? "/" : where[other] "/") == 1)
            return 0
    return is_reached(parent[id])
}
function point(text, field) { split(text, field, " "); return field[5] }
function one(text, field, n, i, dash, peers) {
    n = split(text, field, " ")
    for (i = 7; field[i] != "-"; i++) {
        split(field[i], peer, ":")
        peers = peers " " peer[1] (peer[2] == "" ? "" : ":" renumbered("peer", peer[2]))
    }
    dash = i
    if (field[dash + 1] == "tmpfs") {
        sub(/\/\/deleted$/, "", field[4])
        if (field[4] ~ /^\/(newroot|bindfile......|ro-bind-data......)$/ || field[4] == "")
            field[4] = "/"
        field[dash + 2] = "tmpfs"
    }
    return "mount " field[5] " dev " renumbered("dev", field[3]) " of " field[4] " " field[6] peers \
        " - " field[dash + 1] " " field[dash + 2] " " field[dash + 3]
}'
}

# The arrays of rows.
find_programs() {
    local name
    # shellcheck disable=SC2034 # rows use it
    host=(--ro-bind / /) bare=(--ro-bind /usr /usr)
    for name in /bin /sbin /lib /lib32 /lib64; do
        if [ -L "$name" ]; then
            bare+=(--symlink "$(readlink "$name")" "$name")
        elif [ -e "$name" ]; then
            bare+=(--ro-bind "$name" "$name")
        fi
    done
}

# enter_comparison PROGRAM: bwrap, fakeroot or mkosi-sandbox. For setup().
enter_comparison() {
    enter_workplace
    PROGRAM=$1
    BIN=$BATS_TEST_TMPDIR/bin
    mkdir "$BIN" "$BIN/of-ours"
    find_programs
    find_ours
    find_real
    PATH=$BIN:$PATH
    use ours
}

find_ours() {
    local name=${PROGRAM^^}
    name=${name//-/_}
    OURS=${!name-}
    if [ -z "$OURS" ] && [ -n "${INSTALLED-}" ]; then
        OURS=$INSTALLED/usr/local/libexec/nsroot/$PROGRAM
    elif [ -z "$OURS" ]; then
        OURS=$BIN/of-ours/$PROGRAM
        ln -s "$NSROOT" "$OURS"
    fi
}

find_real() {
    local name=REAL_${PROGRAM^^}
    name=${name//-/_}
    REAL=${!name-} REAL_VERSION=
    [ -n "$REAL" ] || REAL=$(command -v "$PROGRAM") || return 0
    if [[ "$(realpath "$REAL")" == */nsroot ]]; then
        REAL=
        return 0
    fi
    REAL_VERSION=$("$REAL" --version 2>&1) # mkosi-sandbox: on standard error
    REAL_VERSION=${REAL_VERSION##* }
}

# use ours|real: which one PATH leads to from here on.
use() {
    WHICH=$1
    if [ "$WHICH" = ours ]; then
        ln -sfn "$OURS" "$BIN/$PROGRAM"
    else
        ln -sfn "$REAL" "$BIN/$PROGRAM"
    fi
}

is_older() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# real_speaks [SINCE [BEFORE]]: there is a real program, of such a version; without either, one
# that is not older than OLDEST.
real_speaks() {
    [ -n "$REAL_VERSION" ] || return 1
    [ -n "${1-}${2-}" ] || set -- "${OLDEST-}"
    [ -z "${1-}" ] || ! is_older "$REAL_VERSION" "$1" || return 1
    [ -z "${2-}" ] || is_older "$REAL_VERSION" "$2"
}

# on_each [--since V] [--before V] FUNCTION [ARGUMENT...]: for what is no row: the function, with
# its assertions, for ours and for the real program, each in an empty folder. WHICH says which.
on_each() {
    local since='' before=''
    while [[ "$1" == --* ]]; do
        case $1 in
        --since) since=$2 ;;
        --before) before=$2 ;;
        esac
        shift 2
    done
    for WHICH in ours real; do
        [ "$WHICH" = ours ] || real_speaks "$since" "$before" || continue
        use "$WHICH"
        echo "with $WHICH: $(readlink "$BIN/$PROGRAM")"
        fresh_folder
        "$@"
    done
    use ours
    cd "$WORK" || return
}

fresh_folder() {
    cd "$WORK" || return
    if [ -e row ]; then
        chmod -R u+rwX row
        rm -rf row
    fi
    mkdir row
    cd row || return
}

# compare: the rows on standard input.
compare() {
    local line failed=0 rows=0
    local -A row=()
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line#"${line%%[![:space:]]*}"}
        if [[ "$line" == '# '* ]]; then
            end_row
            row=([name]=${line:2})
        elif [ -n "$line" ]; then
            add_line "$line"
        fi
    done
    end_row
    if [ "$rows" -eq 0 ]; then
        echo 'no rows'
        return 1
    fi
    if [ "$failed" -ne 0 ]; then
        echo "$failed of $rows rows failed"
        return 1
    fi
}

# The expectations for the real program of a row that differs have keys like real.out.
add_line() {
    local line=$1 of=
    if [[ "$line" == 'real '* ]]; then
        of=real. line=${line#real } row[real]=yes
    fi
    case $line in
    '$ '*) row[script]+=${line:2}$'\n' ;;
    '>') row[${of}out]+=$'\n' ;;
    '> '*) row[${of}out]+=${line:2}$'\n' ;;
    '2> '*) row[${of}err]+=${line:3}$'\n' ;;
    'has '* | 'lacks '*) row[${of}lines]+=$line$'\n' ;;
    'status '*) row[${of}status]=${line#status } ;;
    'since '* | 'before '* | 'differs '*) row[${line%% *}]=${line#* } ;;
    *)
        echo "no line of a row: $line"
        failed=$((failed + 1))
        ;;
    esac
}

end_row() {
    local said script
    [ -n "${row[name]-}" ] || return 0
    rows=$((rows + 1))
    if ! said=$(judge_row); then
        failed=$((failed + 1))
        printf -- '--- %s\n' "${row[name]}"
        script=${row[script]%$'\n'}
        printf '  $ %s\n' "${script//$'\n'/$'\n  $ '}"
        echo "$said"
    fi
    row=()
}

# Prints what is wrong.
judge_row() {
    local wrong=0 out=$BATS_TEST_TMPDIR/out
    run_row ours
    judge_run ours '' || wrong=1
    if real_speaks "${row[since]-}" "${row[before]-}"; then
        if [ -z "${row[differs]-}" ]; then
            run_row real
            judge_run real '' || wrong=1
            show_diff 'standard output' "real $REAL_VERSION" "$out.real" ours "$out.ours" || wrong=1
        elif [ -n "${row[real]-}" ]; then
            run_row real
            judge_run real real. || wrong=1
        fi
    fi
    return "$wrong"
}

# run_row ours|real
run_row() {
    local begin='for fd in /proc/self/fd/*; do
            [ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"
        done
        unset fd
        umask 0022'
    fresh_folder
    use "$1"
    row[got]=0
    # no folder that COMMAND may not look into: execvp then has another word for what is not there
    env LC_ALL=C PATH="$BIN:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin" \
        timeout --kill-after=1 20 bash -c "$begin
PROGRAM=$PROGRAM
SEE=${SEE@Q}
$(declare -p host bare)
$(declare -f see numbers_hidden normalised)
${prelude-}
${row[script]}" "$PROGRAM" </dev/null >"$BATS_TEST_TMPDIR/out.$1" 2>"$BATS_TEST_TMPDIR/err.$1" ||
        row[got]=$?
    cd "$WORK" || return
}

# judge_run ours|real KEYS: KEYS is what the keys of its expectations begin with.
judge_run() {
    local which=$1 of=$2 wrong=0 out=$BATS_TEST_TMPDIR/out.$1 err=$BATS_TEST_TMPDIR/err.$1 line
    if [ "${row[got]}" -ne "${row[${of}status]-0}" ]; then
        echo "$which: status ${row[got]}, expected ${row[${of}status]-0}"
        wrong=1
    fi
    if [ -z "${row[${of}lines]-}" ]; then
        printf %s "${row[${of}out]-}" >"$BATS_TEST_TMPDIR/expected"
        show_diff 'standard output' expected "$BATS_TEST_TMPDIR/expected" "$which" "$out" || wrong=1
    fi
    while IFS= read -r line; do
        if ! is_true_of "$line" "$out"; then
            echo "$which: $line: not true of standard output:"
            sed 's/^/  /' "$out"
            wrong=1
        fi
    done <<<"${row[${of}lines]-}"
    judge_stderr || wrong=1
    return "$wrong"
}

# is_true_of LINE FILE: "has GLOB" or "lacks GLOB", or an empty line.
is_true_of() {
    case $1 in
    'has '*) some_line_is "${1#has }" "$2" ;;
    'lacks '*) ! some_line_is "${1#lacks }" "$2" ;;
    esac
}

some_line_is() {
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        # shellcheck disable=SC2053 # a pattern it is
        [[ "$line" != $1 ]] || return 0
    done <"$2"
    return 1
}

judge_stderr() {
    local expected=() got=() i alike=yes
    mapfile -t got <"$err"
    [ -z "${row[${of}err]-}" ] || mapfile -t expected <<<"${row[${of}err]%$'\n'}"
    for ((i = 0; i < ${#expected[@]} || i < ${#got[@]}; i++)); do
        [ "${expected[i]-}" != ... ] || break
        # shellcheck disable=SC2053 # a pattern it is
        if [ "$i" -ge ${#expected[@]} ] || [ "$i" -ge ${#got[@]} ] ||
            [[ "${got[i]}" != ${expected[i]} ]]; then
            alike=
        fi
    done
    if [ -z "$alike" ]; then
        echo "$which: standard error:"
        printf '  expected: %s\n' "${expected[@]}"
        printf '  got:      %s\n' "${got[@]}"
        return 1
    fi
}

# show_diff WHAT NAME FILE NAME FILE
show_diff() {
    cmp -s "$3" "$5" && return 0
    echo "$4: $1 differs from: $2"
    diff -U 2 --label "$2" --label "$4" "$3" "$5" | sed 's/^/  /'
    return 1
}
