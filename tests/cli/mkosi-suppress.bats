# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: --suppress-chown and --suppress-sync.

load ../lib/mkosi

# calls OPTION...: in the sandbox, a call of the kernel for each line of standard input
# libc OPTION...: Python that calls the C library
raw_prelude='
calls() {
    inside --bind "$TOOLS" /tools --write "" /file "$@" bash -c '\''
        while read -ra call; do [ ${#call[@]} -eq 0 ] || echo $(/tools/rawcall "${call[@]}"); done'\''
}
libc() {
    inside "$@" /usr/bin/python3 -c '\''
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    result = getattr(libc, name)(*arguments)
    print(name, result, "" if result == 0 else os.strerror(ctypes.get_errno()))
exec(sys.stdin.read())'\''
}
'

setup() {
    enter_comparison mkosi-sandbox
    prelude+=$raw_prelude
}

@test "--suppress-chown: owners stay, and nobody is told" {
    compare <<'ROWS'
    # as itself and as root
    $ touch f; ln -s f l
    $ for as in '' --become-root; do
    $     me inside $as --suppress-chown --bind "$PWD" /w --chdir /w sh -ec '
    $         chown 0:8 f; chown 5:6 f; chgrp 77 f; chown -h 5:6 l; chown 4000000000 f
    $         stat -c %u:%g f l'
    $ done
    $ me stat -c %u:%g f l
    > ID:ID
    > ID:ID
    > 0:0
    > 0:0
    > ID:ID
    > ID:ID

    # set-user-id bits stay, as nothing was done
    $ touch f; chmod 6755 f
    $ inside --become-root --suppress-chown --bind f /f sh -c 'chown 5:5 /f; stat -c %a /f'
    > 6755

    # what archives and installers do
    $ inside --become-root --suppress-chown --write x /f --dir /out sh -ec '
    $     install -o 1234 -g 4321 -m 0640 /f /installed; cp -p /f /copied
    $     tar --owner=1234 --group=1234 -cf /tar f; tar --same-owner -xf /tar -C /out
    $     stat -c "%n %u:%g" /installed /copied /out/f'
    > /installed 0:0
    > /copied 0:0
    > /out/f 0:0

    # without it the kernel refuses
    $ inside --become-root --write '' /f sh -c 'chown 5:5 /f 2>&- || echo refused'
    > refused

    # --suppress-sync alone does not suppress it
    $ inside --become-root --suppress-sync --write '' /f sh -c 'chown 5:5 /f 2>&- || echo refused'
    > refused

    # mkdir, mknod and changes of mode are what they are
    $ inside --become-root --suppress-chown sh -c 'mkdir /d; chmod 0705 /d; stat -c %a /d
    $     mknod /n c 1 3 2>&- || echo refused; mkfifo /p && test -p /p && echo fifo'
    > 705
    > refused
    > fifo
ROWS
}

@test "--suppress-chown: each call, whatever its arguments" {
    need_program /usr/bin/python3
    compare <<'ROWS'
    # even of what is not there
    $ libc --suppress-chown <<'EOF'
    $ call("chown", b"/none", 1, 1)
    $ call("lchown", b"", -1, -1)
    $ call("fchown", 99, 0, 0)
    $ call("fchownat", -5, None, 7, 7, -1)
    $ EOF
    > chown 0 
    > lchown 0 
    > fchown 0 
    > fchownat 0 

    # ids of processes are no owners
    $ libc --suppress-chown --become-root <<'EOF'
    $ call("setuid", 5)
    $ call("setgid", 5)
    $ call("setresuid", 0, 0, 0)
    $ EOF
    > setuid -1 Invalid argument
    > setgid -1 Invalid argument
    > setresuid 0 

    # syncs are not suppressed by it
    $ libc --suppress-chown <<'EOF'
    $ call("fsync", 99)
    $ call("syncfs", 99)
    $ EOF
    > fsync -1 Bad file descriptor
    > syncfs -1 Bad file descriptor
ROWS
}

@test "--suppress-sync: each call, whatever its arguments" {
    need_program /usr/bin/python3
    compare <<'ROWS'
    # even of what is not open
    $ libc --suppress-sync <<'EOF'
    $ call("fsync", 99)
    $ call("fdatasync", 99)
    $ call("syncfs", 99)
    $ call("msync", ctypes.c_void_p(1), 1, 99)
    $ call("sync_file_range", 99, ctypes.c_long(0), ctypes.c_long(0), 99)
    $ libc.sync()
    $ EOF
    > fsync 0 
    > fdatasync 0 
    > syncfs 0 
    > msync 0 
    > sync_file_range 0 

    # what is written is there all the same; O_SYNC is fine
    $ inside --suppress-sync --dev /dev --bind "$PWD" /w sh -c 'cd /w
    $     dd if=/dev/zero of=f bs=1k count=1 oflag=sync conv=fsync status=none; sync f; sync'
    $ stat -c %s f
    > 1024

    # chown is not suppressed by it, and neither by default
    $ libc --suppress-sync <<<'call("chown", b"/none", 1, 1)'
    $ libc <<<'call("fsync", 99)'
    > chown -1 No such file or directory
    > fsync -1 Bad file descriptor

    # both together
    $ libc --suppress-sync --suppress-chown <<'EOF'
    $ call("chown", b"/none", 1, 1)
    $ call("fsync", 99)
    $ EOF
    > chown 0 
    > fsync 0 
ROWS
}

@test "programs of 32 bits are treated alike" {
    need_tool rawcall
    compare <<'ROWS'
    # lchown fchown chown, chown32 fchown32 lchown32, fchownat
    $ calls --suppress-chown <<'EOF'
    $ -32 16 @/none 5 5
    $ -32 95 99 5 5
    $ -32 182 @/none 5 5
    $ -32 198 @/none 5 5
    $ -32 207 99 5 5
    $ -32 212 @/none 5 5
    $ -32 298 -100 @/none 5 5 0
    $ EOF
    > 0
    > 0
    > 0
    > 0
    > 0
    > 0
    > 0

    # fsync fdatasync syncfs sync_file_range msync sync
    $ calls --suppress-sync <<'EOF'
    $ -32 118 99
    $ -32 148 99
    $ -32 344 99
    $ -32 314 99 1 1
    $ -32 144 1 1 99
    $ -32 36
    $ EOF
    > 0
    > 0
    > 0
    > 0
    > 0
    > 0

    # others work, and what is not suppressed fails as ever
    $ calls --suppress-chown <<'EOF'
    $ -32 118 99
    $ -32 39 @/made 0755
    $ EOF
    > -9
    > 0
ROWS
}

@test "what suppresses is inherited, and sandboxes can be nested in it" {
    compare <<'ROWS'
    # it can't be undone
    $ self=$(command -v mkosi-sandbox)
    $ inside --become-root --suppress-chown --bind / / "$self" --bind / /\
    $     sh -c 'chown 5:5 "$1" && echo fine' sh /proc/self/status
    > fine

    # in one that is in a user namespace of one id already, it works too
    $ self=$(command -v mkosi-sandbox)
    $ inside --become-root --bind / / "$self" --bind / / --suppress-chown \
    $     sh -c 'chown 5:5 /proc/self/status && echo fine'
    > fine

    # mkosi's way: first as itself, then as root
    $ self=$(command -v mkosi-sandbox)
    $ inside --bind / / "$self" --bind / / --become-root --suppress-chown --suppress-sync \
    $     sh -c 'chown 5:5 /proc/self/status && id -u'
    > 0
ROWS
}
