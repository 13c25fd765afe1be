/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/network.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define LOOPBACK_INDEX 1 /* the first interface of every network namespace */

struct address_request {
	struct nlmsghdr header;
	struct ifaddrmsg address;
	char attributes[2 * RTA_SPACE(sizeof(struct in6_addr))];
};

struct netlink_answer {
	struct nlmsghdr header;
	struct nlmsgerr error;
};

static void add_attribute(struct address_request *request, unsigned short type, const void *data,
			  size_t size)
{
	struct rtattr *attribute =
		(struct rtattr *)(void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    (unsigned int)RTA_ALIGN(attribute->rta_len);
}

static int exchange(int fd, const struct address_request *request)
{
	struct netlink_answer answer;
	ssize_t n;

	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, &answer, sizeof(answer), 0);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(answer.header) + sizeof(answer.error.error) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	return answer.error.error;
}

static int add_address(int fd, const char *text, struct report *report)
{
	struct address_request request = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			    .nlmsg_type = RTM_NEWADDR,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.address = { .ifa_index = LOOPBACK_INDEX,
			     /* no duplicate address detection: usable at once */
			     .ifa_flags = IFA_F_PERMANENT | IFA_F_NODAD },
	};
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	struct in6_addr address;
	size_t size;
	int r;

	if (!slash || (size_t)(slash - text) >= sizeof(host))
		return report_refusal(report, "--loopback-address %s: not ADDRESS/PREFIX", text);
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	request.address.ifa_family = strchr(host, ':') ? AF_INET6 : AF_INET;
	request.address.ifa_prefixlen = (unsigned char)strtoul(slash + 1, NULL, 10);
	if (inet_pton(request.address.ifa_family, host, &address) != 1)
		return report_refusal(report, "--loopback-address %s: not an address", text);
	size = request.address.ifa_family == AF_INET6 ? sizeof(struct in6_addr)
						      : sizeof(struct in_addr);
	add_attribute(&request, IFA_LOCAL, &address, size);
	add_attribute(&request, IFA_ADDRESS, &address, size);
	r = exchange(fd, &request);
	return r < 0 ? report_failure(report, -r, "--loopback-address %s: RTM_NEWADDR", text) : 0;
}

static int bring_up(struct report *report)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return report_failure(report, errno, "loopback: socket");
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return report_failure(report, errno, "loopback: ioctl SIOCSIFFLAGS");
	return 0;
}

int network_bring_up_loopback(const struct string_list *addresses, struct report *report)
{
	_cleanup_close_ int fd = -EBADF;
	int r = bring_up(report);

	if (r < 0 || !addresses->count)
		return r;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return report_failure(report, errno, "--loopback-address: socket");
	for (size_t i = 0; i < addresses->count && r >= 0; i++)
		r = add_address(fd, addresses->strings[i], report);
	return r;
}
