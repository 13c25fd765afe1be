#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-man.sh LIST PAGE: fail unless each option has a heading in the manual page, each heading is
# an option, and the values are as many.
#  LIST: lines "NAME<TAB>VALUES", from generate-completions.
#  PAGE: scdoc source; a heading is a line such as `*--bind* _SRC_ _DEST_`; several options may share
#        one, separated by commas.
set -eu

[ $# -eq 2 ] || { echo "Usage: check-man.sh LIST PAGE" >&2; exit 2; }
if [ ! -e "$2" ]; then
	echo "no $2: skipped" >&2
	exit 77 # what meson counts as skipped
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# "--bind 2": the name and how many values it has; an optional value counts.
awk -F '\t' '{ print $1, ($2 == "") ? 0 : split($2, words, " ") }' "$1" | sort -u >"$folder/options"

# Values are what _underlined_ words follow the name, up to the next name or the end of the line.
# A word may hold more than one: _NAME_=_SOFT_[:_HARD_] is one value.
sed -n '/^\*-/{ s/, *\(\*-\)/\n\1/g; p; }' "$2" |
	sed 's/^\*\(-[a-z0-9-]*\)\*/\1 /; s/\\//g' |
	awk '/^-/ {
		count = 0
		for (i = 2; i <= NF; i++)
			if ($i ~ /_/)
				count++
		print $1, count
	}' | sort -u >"$folder/headings"

if ! diff -u "$folder/options" "$folder/headings" >"$folder/differences"; then
	echo "the options (-) and the headings of $2 (+) differ, \"NAME NUMBER-OF-VALUES\":" >&2
	tail -n +3 "$folder/differences" | grep '^[-+]' >&2
	exit 1
fi
