# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: arguments from a file, the environment, names and messages.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

@test "--args" {
    compare <<'END'
    # options from an fd
    $ printf '%s\0' "${host[@]}" --setenv A b >args
    $ bwrap --args 11 sh -c 'echo $A' 11<args
    > b

    # of a pipe
    $ bwrap --args 11 sh -c 'echo $A' 11< <(printf '%s\0' "${host[@]}" --setenv A b)
    > b

    # the NUL at the end may be left out
    $ printf '%s\0' "${host[@]}" --setenv A >args
    $ printf b >>args
    $ bwrap --args 11 sh -c 'echo $A' 11<args
    > b

    # words may be empty
    $ printf '%s\0' "${host[@]}" --setenv A '' >args
    $ bwrap --args 11 sh -c 'echo "<$A>"' 11<args
    > <>

    # and have line feeds
    $ printf '%s\0' "${host[@]}" --setenv A $'a\nb' >args
    $ bwrap --args 11 sh -c 'echo "$A"' 11<args
    > a
    > b

    # an empty file says nothing
    $ bwrap "${host[@]}" --args 11 echo done 11</dev/null
    > done

    # they stand in its place, among the others
    $ printf '%s\0' --setenv A 2 --symlink from-file /a --chdir /usr >args
    $ bwrap "${bare[@]}" --setenv A 1 --args 11 --chdir / bash -c 'echo $A $PWD' 11<args
    > 2 /
    2> bwrap: Only the last --chdir option will take effect

    # operations too
    $ printf '%s\0' --tmpfs /a --dir /a/2 >args
    $ bwrap "${bare[@]}" --dir /a/1 --args 11 --dir /a/3 ls /a 11<args
    > 2
    > 3

    # several files
    $ bwrap "${bare[@]}" --args 11 --dir /a/2 --args 12 --args 13 ls /a \
    $     11< <(printf -- '--dir\0/a/1\0') 12< <(printf -- '--dir\0/a/3\0') \
    $     13< <(printf -- '--dir\0/a/4\0')
    > 1
    > 2
    > 3
    > 4

    # no file names a file
    $ bwrap --args 11 true 11< <(printf -- '--args\00012\0') 12</dev/null
    2> bwrap: --args not supported in arguments file
    status 1

    # words from the first that is no option on are dropped
    $ bwrap "${host[@]}" --args 11 echo mine 11< <(printf '%s\0' --setenv A b echo its --nonsense)
    > mine

    # and from -- on
    $ bwrap "${host[@]}" --args 11 echo mine 11< <(printf '%s\0' -- --nonsense)
    > mine

    # so the command is never in the file
    $ bwrap "${host[@]}" --args 11 11< <(printf '%s\0' true)
    2> usage: *
    2> ...
    status 1

    # what is wrong there is wrong
    $ bwrap --args 11 true 11< <(printf '%s\0' --nonsense)
    $ bwrap --args 11 true 11< <(printf '%s\0' --bind a)
    2> bwrap: Unknown option --nonsense
    2> bwrap: --bind takes two arguments
    status 1

    # a value is not taken from the words after it
    $ bwrap --args 11 / true 11< <(printf '%s\0' --chdir)
    2> bwrap: --chdir takes *
    status 1

    # --perms at its end is for no option after it
    $ bwrap --args 11 --dir /a true 11< <(printf '%s\0' --perms 0700)
    2> bwrap: --perms must be followed by an option that creates a file
    status 1

    # it is closed
    $ printf '%s\0' --clearenv >args
    $ see fds "${host[@]}" --args 11 11<args
    > fds: 0 1 2

    # and not read twice
    $ bwrap "${host[@]}" --args 11 --args 11 true 11< <(printf '%s\0' --clearenv)
    2> bwrap: *--args*
    status 1

    # no such fd
    $ bwrap --args 11 true
    2> bwrap: *--args*Bad file descriptor
    status 1

    # a folder
    $ bwrap --args 11 true 11</
    2> bwrap: *--args*Is a directory
    status 1
END
}

@test "--args up to its end, from where it stands" {
    compare <<'END'
    # read from the offset that it has
    $ printf '%s\0' --nonsense --setenv A b >args
    $ { head -c 11 >/dev/null; bwrap "${host[@]}" --args 0 sh -c 'echo $A'; } <args
    > b
END
}

@test "the environment" {
    compare <<'END'
    # all is inherited, and PWD is set
    $ env -i PATH="$PATH" A=b PWD=/wrong "$(command -v bwrap)" "${bare[@]}" --chdir /usr /usr/bin/env |
    $     grep -v ^PATH= | sort
    > A=b
    > PWD=/usr

    # --setenv, --unsetenv
    $ export A=1 B=2 C=3
    $ bwrap "${host[@]}" --setenv A 4 --unsetenv B --setenv D 5 sh -c 'echo $A,$B,$C,$D'
    > 4,,3,5

    # the last one of a name is what counts
    $ bwrap "${host[@]}" --setenv A 1 --setenv A 2 --unsetenv B --setenv B 3 --setenv C 4 --unsetenv C \
    $     sh -c 'echo $A,$B,$C'
    > 2,3,

    # --clearenv forgets what is there so far, but for PWD
    $ bwrap "${host[@]}" --setenv A 1 --clearenv --setenv B 2 --chdir / /usr/bin/env | sort
    > B=2
    > PWD=/

    # --unsetenv of what is not there
    $ bwrap "${host[@]}" --unsetenv NOT_THERE echo done
    > done

    # a variable may be empty
    $ bwrap "${host[@]}" --setenv A '' sh -c 'echo "${A-unset}"'
    >

    # a value may hold an equals sign
    $ bwrap "${host[@]}" --setenv A b=c sh -c 'echo $A'
    > b=c

    # a name may not
    $ bwrap "${host[@]}" --setenv A=b c true
    $ bwrap "${host[@]}" --unsetenv A=b true
    2> bwrap: *setenv*
    2> bwrap: *setenv*
    status 1

    # nor be empty
    $ bwrap "${host[@]}" --setenv '' c true
    $ bwrap "${host[@]}" --unsetenv '' true
    2> bwrap: *setenv*
    2> bwrap: *setenv*
    status 1

    # the command is searched in the PATH that was set
    $ mkdir bin
    $ printf '#!/bin/sh\necho mine\n' >bin/new-name
    $ chmod +x bin/new-name
    $ bwrap "${host[@]}" --ro-bind "$PWD" "$PWD" --setenv PATH "$PWD/bin:/bin" new-name
    > mine

    # and without PATH where execvp(3) searches
    $ bwrap "${host[@]}" --clearenv bash -c 'echo done'
    > done

    # a relative path is taken from the folder that the command starts in
    $ bwrap "${host[@]}" --chdir /usr bin/echo done
    > done
END
}

@test "the folder that the command starts in" {
    compare <<'END'
    # the caller's
    $ bwrap "${host[@]}" --bind "$PWD" "$PWD" bash -c 'test . -ef "$PWD" && echo ${PWD##*/}'
    > row

    # by the name it has for the caller
    $ cd /bin
    $ bwrap "${host[@]}" printenv PWD
    > /bin

    # unless it is not there inside: then HOME
    $ HOME=/usr bwrap "${bare[@]}" bash -c 'pwd; echo $PWD'
    > /usr
    > /usr

    # which may have been set
    $ bwrap "${bare[@]}" --setenv HOME /etc --dir /etc bash -c 'pwd -P; echo $PWD'
    > /etc
    > /etc

    # or unset, and then /
    $ bwrap "${bare[@]}" --unsetenv HOME bash -c 'pwd; echo $PWD'
    > /
    > /

    # or a HOME that is not there
    $ HOME=/none bwrap "${bare[@]}" bash -c 'pwd; echo $PWD'
    > /
    > /

    # --chdir
    $ bwrap "${bare[@]}" --chdir /usr/bin bash -c 'pwd; echo $PWD'
    > /usr/bin
    > /usr/bin

    # PWD is what --chdir said
    $ bwrap "${bare[@]}" --symlink usr /link --chdir /link/../link /usr/bin/printenv PWD
    > /link/../link

    # relative to /
    $ bwrap "${bare[@]}" --chdir usr bash -c 'pwd -P'
    > /usr

    # --chdir must be there
    $ bwrap "${bare[@]}" --chdir /none true
    2> bwrap: Can't chdir to /none: No such file or directory
    status 1

    # and be a folder
    $ bwrap "${bare[@]}" --chdir /usr/bin/env true
    2> bwrap: Can't chdir to /usr/bin/env: Not a directory
    status 1

    # PWD is set after --unsetenv
    $ bwrap "${bare[@]}" --chdir /usr --setenv PWD /wrong --unsetenv PWD /usr/bin/printenv PWD
    > /usr
END
}

@test "names and messages" {
    compare <<'END'
    # --argv0
    since 0.9.0
    $ bwrap "${host[@]}" --argv0 name sh -c 'echo $0'
    > name

    # the command is searched by its own name
    since 0.9.0
    $ bwrap "${host[@]}" --argv0 none bash -c 'tr "\0" "\n" </proc/$$/cmdline | head -n 1'
    > none

    # also an empty one
    since 0.9.0
    $ bwrap "${host[@]}" --argv0 '' sh -c 'echo "<$0>"'
    > <>

    # without it, argv[0] is the word that was given
    $ bwrap "${host[@]}" bash -c 'echo $0'
    $ bwrap "${host[@]}" /bin/bash -c 'echo $0'
    > bash
    > /bin/bash

    # --level-prefix: 3 for errors
    since 0.11.0
    $ bwrap --level-prefix --nonsense
    $ bwrap --level-prefix --ro-bind /none /x true
    2> <3>bwrap: Unknown option --nonsense
    2> <3>bwrap: Can't find source path /none: No such file or directory
    status 1

    # 4 for warnings
    since 0.11.0
    $ bwrap "${host[@]}" --level-prefix --chdir / --chdir / true
    2> <4>bwrap: Only the last --chdir option will take effect

    # from where it stands
    since 0.11.0
    $ bwrap "${host[@]}" --chdir / --chdir / --level-prefix --chdir / true
    2> bwrap: Only the last --chdir option will take effect
    2> <4>bwrap: Only the last --chdir option will take effect
END
}
