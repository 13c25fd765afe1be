# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: the options that want systemd-nsresourced and systemd-mountfsd, where they are not
# there or fail.

load ../lib/compare

setup() {
    enter_comparison mkosi-sandbox
    base=(--ro-bind / /)
}

need_no_services() {
    ! [ -e /run/systemd/io.systemd.NamespaceResource ] || skip "wants no systemd-nsresourced"
}

# assert_refused REGEX: the last `run --separate-stderr` did nothing but say one line.
assert_refused() {
    assert_status 125
    assert_equal "$output" ""
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" "^mkosi-sandbox: $1$"
}

# answering OPTION...: what to put before an ordinary user's mkosi-sandbox, for it to run beside
# services that do as the stand-in's options say. Sets `beside`.
answering() {
    unshare --user --map-current-user --keep-caps true || skip "wants user namespaces"
    beside=(unshare --user --map-current-user --keep-caps
        python3 "$LIB/fake-systemd.py" "$@" -- setpriv --inh-caps=-all --ambient-caps=-all)
}

@test "no services: each option says so, and nothing is done" {
    need_no_services
    mkdir tree root
    nobody="systemd-nsresourced: connect to /run/systemd/io.systemd.NamespaceResource: \
No such file or directory \(it wants systemd 260 or later, and systemd-nsresourced.socket started there\)"
    run --separate-stderr nothing_left mkosi-sandbox "${base[@]}" --map-foreign echo ran
    assert_refused "--map-foreign: $nobody"
    run --separate-stderr nothing_left mkosi-sandbox "${base[@]}" --become-root --map-delegate 2 echo ran
    assert_refused "--map-delegate: $nobody"
    for option in --bind-foreign --ro-bind-foreign; do
        run --separate-stderr nothing_left mkosi-sandbox --bind root / $option tree /new echo ran
        assert_refused "--bind-foreign: $nobody"
        assert_holds_only root
    done
    assert_mounts_unchanged
}

@test "no services, but none is needed" {
    need_no_services
    run mkosi-sandbox "${base[@]}" --map-delegate 0 echo ran
    assert_success
    assert_output ran
    # within a sandbox whose root may change owners
    run "$NSROOT" --ro-bind / / -- "$OURS" "${base[@]}" --map-foreign echo ran
    assert_output ran
}

@test "a service that refuses: its error, by errno or by name" {
    answering --reply '{"error": "io.systemd.System", "parameters": {"errnoName": "EACCES", "errno": 13}}'
    run --separate-stderr nothing_left "${beside[@]}" mkosi-sandbox "${base[@]}" --map-foreign echo ran
    assert_refused "--map-foreign: systemd-nsresourced: io.systemd.System: Permission denied"

    answering --reply '{"error": "io.systemd.NamespaceResource.NoDynamicRange", "parameters": {}}'
    run --separate-stderr nothing_left "${beside[@]}" mkosi-sandbox "${base[@]}" --map-delegate 1 echo ran
    assert_refused "--map-delegate: systemd-nsresourced: io.systemd.NamespaceResource.NoDynamicRange"

    answering --reply '{"error": "org.varlink.service.InvalidParameter", "parameters": {"parameter": "mapForeign"}}'
    run --separate-stderr nothing_left "${beside[@]}" mkosi-sandbox "${base[@]}" --map-foreign echo ran
    assert_refused "--map-foreign: systemd-nsresourced: org.varlink.service.InvalidParameter: mapForeign \(it wants systemd 260 or later\)"
}

@test "a service that speaks another language" {
    for reply in '' hello '[]' '{"parameters": 1}' '{}{}'; do
        answering --reply "$reply"
        run --separate-stderr nothing_left "${beside[@]}" mkosi-sandbox "${base[@]}" --map-delegate 1 echo ran
        assert_refused "--map-delegate: systemd-nsresourced: bad reply: .*"
    done
}

@test "a service that never answers: SIGINT ends the wait, and nothing is left" {
    answering --silent
    run nothing_left "${beside[@]}" timeout --preserve-status --signal INT 1 \
        mkosi-sandbox "${base[@]}" --map-delegate 1 echo ran
    assert_status 130
    refute_output --partial ran
}
