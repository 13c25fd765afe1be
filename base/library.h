/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Shared libraries that only some options need: opened with dlopen(3) at the first use, so that
 * other launches don't pay for them.
 *
 *	LIBRARY_NOTE("libseccomp.so.2", "filters", "System call filters by name", "recommended");
 *
 *	struct libseccomp {
 *		LIBRARY_FUNCTION(seccomp_init);
 *	};
 *	static const struct library_symbol libseccomp_symbols[] = {
 *		LIBRARY_SYMBOL(struct libseccomp, seccomp_init),
 *	};
 *	struct libseccomp library;
 *
 *	r = library_load("libseccomp.so.2", "libseccomp2", libseccomp_symbols,
 *			 LIBRARY_COUNT(libseccomp_symbols), &library, report);
 */

#include "base/report.h"

#include <elf.h>
#include <stddef.h>

/* A member of the library's struct: a pointer to the function that its header declares. */
#define LIBRARY_FUNCTION(function) typeof(function) *function

/* A row of the table of symbols. */
struct library_symbol {
	const char *name;
	size_t offset; /* of the function pointer in the library's struct */
};

/* clang-format off */
#define LIBRARY_SYMBOL(type, function) { #function, offsetof(type, function) }
/* clang-format on */
#define LIBRARY_COUNT(symbols) (sizeof(symbols) / sizeof((symbols)[0]))

/*
 * library_load: open a shared library and fill in its functions. The library stays open until the
 * process ends; a second call for the same one is cheap.
 *  soname: with its version: "libseccomp.so.2".
 *  package: what to install if it is missing, by Debian's name: "libseccomp2".
 *  functions: the library's struct, to which the offsets of `symbols` belong.
 * Returns 0; -EINVAL, reported with a hint, if the library or one of the symbols is missing: then
 * `functions` is not complete.
 */
int library_load(const char *soname, const char *package, const struct library_symbol *symbols,
		 size_t count, void *functions, struct report *report);

/*
 * LIBRARY_NOTE: the ELF note by which packagers learn of the library, as the linker does not tell
 * them: https://uapi-group.org/specifications/specs/elf_dlopen_metadata/. At most once a file.
 *  All are string literals. priority: "required", "recommended" or "suggested".
 */
#define LIBRARY_NOTE_OWNER "FDO"
#define LIBRARY_NOTE_TYPE 0x407c0c0aU
#define LIBRARY_NOTE_JSON(soname, feature, description, priority)                                  \
	"[{\"soname\":[\"" soname "\"],\"feature\":\"" feature "\",\"description\":\"" description \
	"\",\"priority\":\"" priority "\"}]"

#define LIBRARY_NOTE(soname, feature, description, priority)                                       \
	static const struct {                                                                      \
		Elf32_Nhdr header; /* the same layout in ELF64 */                                  \
		char owner[sizeof(LIBRARY_NOTE_OWNER)];                                            \
		char json[sizeof(LIBRARY_NOTE_JSON(soname, feature, description, priority))];      \
	} library_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {              \
		{ sizeof(LIBRARY_NOTE_OWNER),                                                      \
		  sizeof(LIBRARY_NOTE_JSON(soname, feature, description, priority)),               \
		  LIBRARY_NOTE_TYPE },                                                             \
		LIBRARY_NOTE_OWNER,                                                                \
		LIBRARY_NOTE_JSON(soname, feature, description, priority),                         \
	}
