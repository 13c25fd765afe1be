# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion of nsroot-pack(1)

complete -c nsroot-pack -f -a '(__fish_complete_directories)'
complete -c nsroot-pack -l remember -rF -d 'what nsroot --remember FILE wrote'
complete -c nsroot-pack -l format -xa 'pax ustar newc mtree' -d 'of the archive'
complete -c nsroot-pack -l numeric-owner -d 'no names of users and groups'
complete -c nsroot-pack -l owner-map -rF -d 'other owners'
complete -c nsroot-pack -l mtime -x -d 'each time of change: @SECONDS'
complete -c nsroot-pack -l sort -d 'by name: it is always so'
complete -c nsroot-pack -l filter -d 'change an archive from standard input'
complete -c nsroot-pack -l spec -rF -d 'owners and modes for --filter: mtree(5)'
complete -c nsroot-pack -l check -rF -d 'list where the tree differs: mtree(5)'
complete -c nsroot-pack -l apply -d 'as root: give the tree what is remembered'
complete -c nsroot-pack -l help -d 'show the options'
complete -c nsroot-pack -l version -d 'show the version'
