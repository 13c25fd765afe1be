/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line: the input is split at NUL into words. What comes before the first dash says the
 * dialect: "b" for bwrap's, "f" for fakeroot's, "m" for mkosi-sandbox's, nothing for our own.
 */
#include "base/cleanup.h"
#include "mounts/plan.h"
#include "sandbox/dialect.h"

#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define WORDS_MAX 256

/*
 * Options read, close and keep fds by number. Those of the fuzzer are kept out of reach: standard
 * error is moved to the highest number that there can be, where no input finds it by chance.
 */
static int hidden = -EBADF;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct rlimit limit;

	(void)argc, (void)argv;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		abort();
	hidden = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)limit.rlim_cur - 7);
	if (hidden < 0)
		abort();
	__sanitizer_set_report_fd((void *)(intptr_t)hidden);
	return 0;
}

/* Only /dev/null, thrice, and an unnamed file that an option may read to its end. */
static void lend_fds(const uint8_t *data, size_t size)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int file = memfd_create("contents", 0);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) != fd)
			abort();
	if (null > STDERR_FILENO)
		close(null);
	/* what follows the words is what --args and the like may read */
	if (write(file, data, size) != (ssize_t)size || lseek(file, 0, SEEK_SET) != 0)
		abort();
	if (file != 3) {
		if (dup2(file, 3) != 3)
			abort();
		close(file);
	}
}

static void take_back_fds(void)
{
	close_range(3, (unsigned int)hidden - 1, 0);
	dup2(hidden, STDERR_FILENO);
}

static const struct dialect *choose_dialect(const uint8_t **data, size_t *size)
{
	const struct dialect *dialect = &dialect_nsroot;

	if (*size && (*data)[0] == 'b')
		dialect = &dialect_bwrap;
	else if (*size && (*data)[0] == 'f')
		dialect = &dialect_fakeroot;
	else if (*size && (*data)[0] == 'm')
		dialect = &dialect_mkosi_sandbox;
	else
		return dialect;
	*data += 1;
	*size -= 1;
	return dialect;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dialect *dialect = choose_dialect(&data, &size);
	char *words[WORDS_MAX + 2] = { "nsroot" };
	_cleanup_free_ char *text = malloc(size + 1);
	const uint8_t *split = memmem(data, size, "\0\0@", 3);
	size_t length = split ? (size_t)(split - data) : size;
	struct report report = { 0 };
	struct sandbox sandbox;
	int count = 1;

	if (!text)
		return 0;
	memcpy(text, data, length);
	text[length] = '\0';
	for (char *word = text; word < text + length && count <= WORDS_MAX;
	     word += strlen(word) + 1)
		words[count++] = word;

	lend_fds(split ? split + 3 : data, split ? size - length - 3 : 0);
	sandbox_init(&sandbox);
	sandbox.dialect = dialect;
	dialect->preset(&sandbox);
	if (options_parse(&sandbox, words, &report) == 0) {
		if (sandbox.request == REQUEST_RUN &&
		    mount_plan_order(&sandbox.plan, &report) < 0 && !report.status)
			abort();
	} else if (!report.status || !report.text[0]) {
		abort(); /* refused without a word */
	}
	sandbox_free(&sandbox);
	take_back_fds();
	return 0;
}
