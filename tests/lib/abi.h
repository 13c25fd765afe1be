/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A system call by its number in both ABIs of x86-64, with five arguments, as no C library would.
 * Returns what the kernel did: a negative errno for a failure. */

static long call_64(long number, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

static long call_32(long number, const long *a)
{
	int result;

	/* the kernel clears r8 to r11 */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"((int)number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "r8", "r9", "r10", "r11", "memory");
	return result;
}
