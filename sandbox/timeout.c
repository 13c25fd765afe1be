/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/timeout.h"

#include <errno.h>
#include <signal.h>

static struct timespec from_now(uint64_t milliseconds)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += (time_t)(milliseconds / 1000);
	time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static int arm(const struct timeout *timeout, const struct timespec *when, struct report *report)
{
	const struct itimerspec value = { .it_value = *when };

	if (timer_settime(timeout->timer, TIMER_ABSTIME, &value, NULL) < 0)
		return report_failure(report, errno, "--timeout: timer_settime");
	return 0;
}

int timeout_start(struct timeout *timeout, uint64_t milliseconds, struct report *report)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };

	if (!timeout->set && timer_create(CLOCK_MONOTONIC, &event, &timeout->timer) < 0)
		return report_failure(report, errno, "--timeout: timer_create");
	timeout->set = true;
	timeout->end = from_now(milliseconds);
	return arm(timeout, &timeout->end, report);
}

bool timeout_is_over(const struct timeout *timeout)
{
	const struct timespec now = from_now(0);

	return timeout->set && !is_before(&now, &timeout->end);
}

int timeout_put_off(struct timeout *timeout, struct report *report)
{
	const struct timespec soon = from_now(1000);

	if (!timeout->set || is_before(&soon, &timeout->end))
		return 0;
	return arm(timeout, &soon, report);
}
