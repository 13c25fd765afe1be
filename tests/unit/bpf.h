/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a system call filter decides, found out without the kernel: seccomp(2). */

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BPF_BROKEN 0xdeadbeefU /* no action of seccomp: the program is not well-formed */
#define BPF_ALLOW SECCOMP_RET_ALLOW
#define BPF_WORDS (sizeof(struct seccomp_data) / 4)
#define BPF_ERRNO(error) (SECCOMP_RET_ERRNO | (uint32_t)(error))

static inline bool bpf_jumps(uint16_t code, uint32_t accumulator, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return accumulator == k;
	case BPF_JGT:
		return accumulator > k;
	case BPF_JGE:
		return accumulator >= k;
	default: /* BPF_JSET */
		return accumulator & k;
	}
}

/*
 * Run a program; returns the action, BPF_BROKEN if it does what the kernel would refuse.
 *  data: struct seccomp_data as words of the machine that the program is for.
 */
static inline uint32_t bpf_run(const struct sock_fprog *program, const uint32_t data[BPF_WORDS])
{
	uint32_t accumulator = 0;

	for (size_t at = 0; at < program->len; at++) {
		const struct sock_filter *step = &program->filter[at];

		if (step->code == (BPF_LD | BPF_W | BPF_ABS)) {
			if (step->k % 4 != 0 || step->k / 4 >= BPF_WORDS)
				return BPF_BROKEN;
			accumulator = data[step->k / 4];
		} else if (step->code == (BPF_ALU | BPF_AND | BPF_K)) {
			accumulator &= step->k;
		} else if (step->code == (BPF_JMP | BPF_JA)) {
			at += step->k;
		} else if (BPF_CLASS(step->code) == BPF_JMP && BPF_SRC(step->code) == BPF_K) {
			bool jumps = bpf_jumps(step->code, accumulator, step->k);

			at += jumps ? step->jt : step->jf;
		} else if (step->code == (BPF_RET | BPF_K)) {
			return step->k;
		} else {
			return BPF_BROKEN;
		}
	}
	return BPF_BROKEN;
}

/* What a program does with a call one of whose arguments, counted from 0, is `value`, the others
 * all bits set. */
static inline uint32_t bpf_decide_by(const struct sock_fprog *program, uint32_t abi,
				     uint32_t number, unsigned int argument, uint64_t value)
{
	const size_t at = offsetof(struct seccomp_data, args) / 4 + 2 * (size_t)argument;
	bool little = abi & __AUDIT_ARCH_LE;
	uint32_t data[BPF_WORDS];

	memset(data, 0xff, sizeof(data));
	data[offsetof(struct seccomp_data, nr) / 4] = number;
	data[offsetof(struct seccomp_data, arch) / 4] = abi;
	data[little ? at : at + 1] = (uint32_t)value;
	data[little ? at + 1 : at] = (uint32_t)(value >> 32);
	return bpf_run(program, data);
}

/* The same by the second argument. */
static inline uint32_t bpf_decide(const struct sock_fprog *program, uint32_t abi, uint32_t number,
				  uint64_t arg1)
{
	return bpf_decide_by(program, abi, number, 1, arg1);
}
