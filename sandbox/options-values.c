/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX ((size_t)1 << 30) /* /dev/zero must not eat all memory */

int parser_grow(struct parser *parser, void *array, size_t count, size_t element)
{
	void **pointer = array;
	void *grown;
	size_t bytes;

	if (count & (count - 1)) /* between two powers of two there is room */
		return 0;
	if (__builtin_mul_overflow(count ? 2 * count : 1, element, &bytes))
		return report_failure(parser->report, ENOMEM, "options");
	grown = realloc(*pointer, bytes);
	if (!grown)
		return report_failure(parser->report, ENOMEM, "options");
	*pointer = grown;
	return 0;
}

int parser_hold(struct parser *parser, void *memory)
{
	struct sandbox *sandbox = parser->sandbox;
	int r = parser_grow(parser, &sandbox->held, sandbox->held_count, sizeof(*sandbox->held));

	if (r < 0) {
		free(memory);
		return r;
	}
	sandbox->held[sandbox->held_count++] = memory;
	return 0;
}

int parser_append_string(struct parser *parser, struct string_list *list, const char *string)
{
	int r = parser_grow(parser, &list->strings, list->count, sizeof(*list->strings));

	if (r < 0)
		return r;
	list->strings[list->count++] = string;
	return 0;
}

bool parse_unsigned(const char **text, unsigned int base, uint64_t max, uint64_t *number)
{
	const char *at = *text;
	uint64_t sum = 0;

	for (; *at >= '0' && (unsigned int)(*at - '0') < base; at++) {
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum) || sum > max)
			return false;
	}
	if (at == *text)
		return false;
	*text = at;
	*number = sum;
	return true;
}

int parse_number(struct parser *parser, const struct option *option, const char *text, uint64_t max,
		 uint64_t *number)
{
	const char *at = text;

	if (!parse_unsigned(&at, 10, max, number) || *at)
		return report_refusal(parser->report, "%s %s: not a number from 0 to %llu%s%s",
				      option->name, text, (unsigned long long)max,
				      option->choices ? ", nor " : "",
				      option->choices ? option->choices : "");
	return 0;
}

int parse_octal(struct parser *parser, const struct option *option, const char *text, mode_t max,
		mode_t *mode)
{
	const char *at = text;
	uint64_t number;

	if ((!parse_unsigned(&at, 8, max, &number) || *at) && parser_speaks_bwrap(parser))
		return report_refusal(parser->report, "%s takes an octal argument <= %05o",
				      option->name, max);
	if (at == text || *at)
		return report_refusal(parser->report, "%s %s: not an octal number up to %o",
				      option->name, text, max);
	*mode = (mode_t)number;
	return 0;
}

/* Note who uses an fd: what was read to its end is of no use to another option. */
static int claim_fd(struct parser *parser, const struct option *option, const char *text, int fd,
		    bool consume)
{
	struct fd_claim *claim;

	while ((size_t)fd >= parser->claim_count) {
		int r = parser_grow(parser, &parser->claims, parser->claim_count, sizeof(*claim));

		if (r < 0)
			return r;
		parser->claims[parser->claim_count++] = (struct fd_claim){ 0 };
	}
	claim = &parser->claims[fd];
	if (claim->option && (claim->consumed || consume)) {
		report_refusal(parser->report, "%s %s: fd %d is used by %s already", option->name,
			       text, fd, claim->option);
		if (fd == STDIN_FILENO)
			report_hint(parser->report, "fd 0 is standard input, and is read once");
		return -EINVAL;
	}
	*claim = (struct fd_claim){ .option = option->name, .consumed = consume };
	return 0;
}

/* text: how the option names the fd */
static int check_and_claim(struct parser *parser, const struct option *option, const char *text,
			   int fd, bool consume)
{
	/* A claimed fd may be closed already: that is said first. */
	if ((size_t)fd >= parser->claim_count || !parser->claims[fd].option)
		if (fcntl(fd, F_GETFD) < 0)
			return report_failure(parser->report, errno, "%s %s", option->name, text);
	/* --keep-fd all means the others; 0 to 2 are the command's in any case */
	if (fd > STDERR_FILENO && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF)
		return report_failure(parser->report, errno, "%s %s: fcntl", option->name, text);
	return claim_fd(parser, option, text, fd, consume);
}

static int parse_and_claim(struct parser *parser, const struct option *option, const char *text,
			   bool consume, int *fd)
{
	uint64_t number = 0;
	const char *at = text;
	int r;

	if (parser_speaks_bwrap(parser) && (!parse_unsigned(&at, 10, INT_MAX, &number) || *at))
		return report_refusal(parser->report, "Invalid fd: %s", text);
	r = parse_number(parser, option, text, INT_MAX, &number);
	if (r < 0)
		return r;
	*fd = (int)number;
	return check_and_claim(parser, option, text, *fd, consume);
}

int parser_claim_input(struct parser *parser, const struct option *option, const char *text)
{
	return check_and_claim(parser, option, text, STDIN_FILENO, true);
}

int parse_fd(struct parser *parser, const struct option *option, const char *text, int *fd)
{
	return parse_and_claim(parser, option, text, false, fd);
}

int parse_fd_to_consume(struct parser *parser, const struct option *option, const char *text,
			int *fd)
{
	return parse_and_claim(parser, option, text, true, fd);
}

void parser_consume_fd(struct parser *parser, int fd)
{
	_cleanup_close_ int null = -EBADF;

	/* The next open(2) must not become the standard input of the command. */
	if (fd <= STDERR_FILENO) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null >= 0 && dup3(null, fd, 0) == fd)
			return;
		report_note(parser->report, "/dev/null: %s", strerror(errno));
	}
	close(fd);
}

int read_to_end(int fd, char **data, size_t *size)
{
	_cleanup_free_ char *buffer = NULL;
	size_t room = 4096, used = 0;
	struct stat st;

	/* One byte more, so that the read which finds the end has room. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size < READ_MAX)
		room = (size_t)st.st_size + 2;
	for (;;) {
		ssize_t n;

		if (!buffer || used + 1 == room) {
			char *grown;

			if (buffer && room > READ_MAX)
				return -EFBIG;
			room = buffer ? 2 * room : room;
			grown = realloc(buffer, room);
			if (!grown)
				return -ENOMEM;
			buffer = grown;
		}
		n = read(fd, buffer + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buffer[used] = '\0';
	*data = steal_ptr(buffer);
	*size = used;
	return 0;
}

int parse_contents(struct parser *parser, const struct option *option, const char *text,
		   char **data, size_t *size)
{
	int fd, r = parse_fd_to_consume(parser, option, text, &fd);

	if (r < 0)
		return r;
	r = read_to_end(fd, data, size);
	if (r < 0)
		return report_failure(parser->report, -r, "%s %s: read", option->name, text);
	parser_consume_fd(parser, fd);
	return parser_hold(parser, *data);
}
