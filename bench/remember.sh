# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2034,SC2086 # failed: of bench/run; options: lists of words
#
# The part "remember" of bench/run, which sources this file: what it costs to remember, and to show,
# beside fakeroot, pseudo and subordinate ids. See bench/README.md.
#
#   STORMS=15 rounds of the storms, BUILDS=20 of the builds; CONTENDERS: which of these

contenders=${CONTENDERS:-bare plain remember trap auto dialect fakeroot pseudo subid}

# On disk a tree that is made again where one was removed is slower, each time otherwise.
find_memory() {
	for folder in "${TMPDIR:-/tmp}" /dev/shm /run/shm; do
		if [ -w "$folder" ] && [ "$(stat -f -c %T "$folder")" = tmpfs ]; then
			echo "$folder"
			return
		fi
	done
	missing 'a tmpfs that can be written: set TMPDIR' >&2
	return 1
}

# with/CONTENDER COMMAND...: runs it in that contender's manner.
make_manners() {
	mkdir with
	view="--ro-bind / / --bind $here $here --chdir $here"
	while read -r manner line; do
		printf '#!/bin/sh\nexec %s "$@"\n' "$line" >"with/$manner"
		chmod +x "with/$manner"
	done <<-END
		bare env
		plain nsroot $view --
		remember nsroot $view --remember $here/memory --
		trap nsroot $view --remember $here/memory --show-owners trap --
		auto nsroot $view --remember $here/memory --show-owners auto --
		subid nsroot $view --map subid --
		dialect nsroot --dialect fakeroot --
		fakeroot fakeroot --
	END
	# its server, too, starts and ends with the command
	cat >with/pseudo <<-END
		#!/bin/sh
		export PSEUDO_PREFIX=/usr PSEUDO_LOCALSTATEDIR=$here/pseudo
		mkdir -p $here/pseudo && pseudo "\$@"
		status=\$?
		pseudo -S && rm -rf $here/pseudo
		exit \$status
	END
	chmod +x with/pseudo
}

# Those that work here, in $able.
find_able() {
	able=
	for manner in $contenders; do
		if [ ! -x "with/$manner" ]; then
			echo "bench/run: CONTENDERS: $manner: unknown" >&2
			exit 1
		elif "with/$manner" true >/dev/null 2>log; then
			able="$able $manner"
		else
			missing "$manner ($(head -n 1 log))"
		fi
		rm -rf memory
	done
}

title() {
	case $1 in
	plain) echo 'plain filter' ;;
	remember) echo --remember ;;
	trap | auto) echo "shown by $1" ;;
	dialect) echo 'nsroot as fakeroot' ;;
	subid) echo '--map subid' ;;
	*) echo "$1" ;;
	esac
}

# contest TEXT OPTION... :: MANNERS COMMAND...: a table; @OWNER@ is who chown can give to.
contest() {
	text=$1
	options=
	shift
	while [ "$1" != :: ]; do
		options="$options $1"
		shift
	done
	manners=$2
	shift 2
	command=$*
	set --
	for manner in $able; do
		case " $manners " in *" $manner "*) ;; *) continue ;; esac
		owner='8 12'
		[ "$manner" != bare ] || owner="$(id -u) $(id -g)"
		# shellcheck disable=SC2046
		set -- "$@" :: "$(title "$manner")" "with/$manner" \
			$(printf '%s' "$command" | sed "s/@OWNER@/$owner/")
	done
	[ $# -gt 0 ] || return 0
	echo
	echo "$text"
	launch --ratios rounds --baseline 'plain filter' --baseline fakeroot $options \
		--before "$here/before" "$@" || failed=1
}

# Sixty files of C and a makefile, which installs what it makes, and each header, with owners.
make_sources() {
	mkdir sources
	seq 60 | while read -r i; do
		printf 'int part_%d(int argument);\n' "$i" >"sources/part$i.h"
		awk -v i="$i" 'BEGIN {
			print "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>"
			printf "#include \"part%d.h\"\n", i
			for (j = 0; j < 12; j++) {
				printf "static int step_%d(int a)\n{\n\tchar text[64];\n", j
				printf "\tsnprintf(text, sizeof(text), \"%%d\", a * %d);\n", i + j
				print "\tfor (size_t k = 0; k < strlen(text); k++)"
				print "\t\ta += text[k] == 48 ? 1 : atoi(text + k);"
				print "\treturn a;\n}"
			}
			printf "int part_%d(int argument)\n{\n\treturn 0", i
			for (j = 0; j < 12; j++)
				printf " + step_%d(argument)", j
			print ";\n}"
		}' >"sources/part$i.c"
	done
	{
		seq 60 | sed 's/.*/#include "part&.h"/'
		echo 'int main(int argc, char **argv) { (void)argv; return 0'
		seq 60 | sed 's/.*/+ part_&(argc)/'
		echo '< 0; }'
	} >sources/main.c
	cat >sources/Makefile <<-'END'
		.RECIPEPREFIX = >
		CFLAGS = -O0 -pipe
		OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))
		program: $(OBJECTS)
		> $(CC) -o $@ $(OBJECTS)
		$(OBJECTS): $(wildcard *.h)
		install: program
		> install $(OWNER) -d $(DESTDIR)/bin $(DESTDIR)/include
		> install $(OWNER) -m 2755 program $(DESTDIR)/bin
		> for header in *.h; do install $(OWNER) -m 644 $$header $(DESTDIR)/include; done
	END
}

# 2000 small files of 50 owners.
make_archive() {
	mkdir files
	for owner in $(seq 50); do
		mkdir "files/$owner"
		(cd "files/$owner" && seq 40 | while read -r i; do echo "$i" >"$i"; done)
		tar -C files --numeric-owner --owner="user$owner:$owner" --group="group:$((owner + 50))" \
			-rf archive.tar "$owner"
	done
	rm -r files
}

# As a shell runs it: the words of a contest are split.
make_scripts() {
	cat >before <<-END
		#!/bin/sh
		cd $here && ./clean memory run && mkdir run
		[ ! -e copy ] || cp -r sources run/build
	END
	cat >build <<-'END'
		#!/bin/sh
		cd run/build && make -s && exec make -s install DESTDIR="$PWD/root" OWNER="${1:+-o $1 -g $2}"
	END
	cat >storm-here <<-'END'
		#!/bin/sh
		cd run && exec "$@"
	END
	# what belongs to subordinate ids can be removed as root of them alone
	cat >clean <<-END
		#!/bin/sh
		rm -rf "\$@" 2>/dev/null || $here/with/subid rm -rf "\$@"
	END
	chmod +x before build clean storm-here
}

remember() {
	memory=$(find_memory) || return 0
	storms=${STORMS:-15}
	here=$(mktemp -d "$memory/bench.XXXXXX")
	trap 'cd "$here" && ./clean ./* && cd / && rmdir "$here"' EXIT
	trap 'exit 1' HUP INT TERM
	cd "$here" || exit
	make_manners
	make_scripts
	find_able
	export TMPDIR="$here"
	all='bare plain remember trap auto dialect fakeroot pseudo subid'
	own="--rounds $storms --warm-up 1 --own microseconds"
	contest 'chown storm (aim: 12 us with --remember), a call' $own \
		:: "$all" ./storm-here storm chown 10000 @OWNER@
	contest 'stat storm, files of which nothing is remembered, a call' $own \
		:: "$all" ./storm-here storm stat 20000 0 0
	contest 'stat storm, files whose remembered owner is shown (aim: 2 us by auto), a call' $own \
		:: 'trap auto dialect fakeroot pseudo subid' ./storm-here storm shown 20000 8 12
	contest 'the same by a static program' $own \
		:: 'trap auto subid' ./storm-here storm-static shown 20000 8 12
	make_archive
	contest 'tar -xp: 2000 files of 50 owners' --rounds "$storms" --warm-up 1 \
		:: 'plain remember trap auto dialect fakeroot pseudo subid' \
		tar -C run --numeric-owner --same-owner -xpf archive.tar
	if have cc && have make; then
		make_sources
		touch copy
		contest 'compile and install (aim: --remember within 1.01 of the plain filter)' \
			--rounds "${BUILDS:-20}" --warm-up 1 :: "$all" ./build @OWNER@
	fi
	cd "${work:?}" || exit
}
