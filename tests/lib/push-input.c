/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * push-input: try to type into the terminal that is standard input, in every way that the kernel
 * offers. Prints one line for each: "TIOCSTI: Operation not permitted".
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PASTE 3 /* TIOCL_PASTESEL of ioctl_console(2) */

struct way {
	const char *name;
	unsigned long request;
	char first; /* byte of the argument */
};

static const struct way ways[] = {
	{ "TIOCSTI", TIOCSTI, 'x' },
	{ "TIOCLINUX", TIOCLINUX, PASTE },
#if UINTPTR_MAX > UINT32_MAX
	{ "TIOCSTI, bit 32", TIOCSTI | 1UL << 32, 'x' },
	{ "TIOCLINUX, bit 63", TIOCLINUX | 1UL << 63, PASTE },
#endif
};

static void tell(const char *abi, const struct way *way, int error)
{
	printf("%s%s: %s\n", abi, way->name, error ? strerror(error) : "done");
}

#ifdef __x86_64__
static int ioctl_i386(unsigned long request, char *argument)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(54L /* ioctl */), "b"(0L), "c"(request & UINT32_MAX), "d"(argument)
			 : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : 0;
}
#endif

int main(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *argument;

#ifdef __x86_64__
	flags |= MAP_32BIT;
#endif
	argument = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (argument == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		argument[0] = ways[i].first;
		tell("", &ways[i],
		     syscall(SYS_ioctl, STDIN_FILENO, ways[i].request, argument) < 0 ? errno : 0);
#ifdef __x86_64__
		tell("i386 ", &ways[i], ioctl_i386(ways[i].request, argument));
#endif
	}
	return 0;
}
