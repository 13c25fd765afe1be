/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HOSTNAME_MAX 64 /* __NEW_UTS_LEN, sethostname(2) */

/* The last word on a namespace counts; for the rules the earlier ones were not given. */
static void forget_earlier(struct parser *parser, int namespace)
{
	for (size_t i = 0; parser->table[i].name; i++)
		if (parser->table[i].parse == option_namespace &&
		    (namespace < 0 ||
		     (int)OPTION_NAMESPACE(parser->table[i].argument) == namespace))
			parser->given[i] = false;
}

static void choose(struct parser *parser, enum namespace kind, enum namespace_wish wish)
{
	/* that a join excludes others is for the rules to say */
	if (parser->sandbox->namespaces[kind].wish != NAMESPACE_JOIN)
		parser->sandbox->namespaces[kind].wish = wish;
}

int option_namespace(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	forget_earlier(parser, OPTION_NAMESPACE(option->argument));
	choose(parser, OPTION_NAMESPACE(option->argument), OPTION_WISH(option->argument));
	return 0;
}

int option_share_mount(struct parser *parser, const struct option *option,
		       const char *const *values)
{
	(void)values;
	return report_refusal(parser->report,
			      "%s: a sandbox has a mount namespace of its own, always",
			      option->name);
}

int option_unshare_all(struct parser *parser, const struct option *option,
		       const char *const *values)
{
	(void)option, (void)values;
	forget_earlier(parser, -1);
	for (enum namespace kind = 0; kind < NAMESPACE_COUNT; kind++)
		choose(parser, kind,
		       kind == NAMESPACE_CGROUP || kind == NAMESPACE_TIME ? NAMESPACE_TRY
									  : NAMESPACE_UNSHARE);
	return 0;
}

int option_join(struct parser *parser, const struct option *option, const char *const *values)
{
	struct namespace_choice *choice = &parser->sandbox->namespaces[option->argument];
	int r = parse_fd(parser, option, values[0], &choice->fd);

	if (r < 0)
		return r;
	choice->wish = NAMESPACE_JOIN;
	return 0;
}

int option_hostname(struct parser *parser, const struct option *option, const char *const *values)
{
	size_t length = strlen(values[0]);

	if (length == 0 || length > HOSTNAME_MAX)
		return report_refusal(parser->report, "%s %.100s: a host name has 1 to %d bytes",
				      option->name, values[0], HOSTNAME_MAX);
	parser->sandbox->hostname = values[0];
	return 0;
}

int option_loopback_address(struct parser *parser, const struct option *option,
			    const char *const *values)
{
	const char *slash = strchr(values[0], '/'), *at = slash ? slash + 1 : "";
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];
	uint64_t prefix;
	size_t length = slash ? (size_t)(slash - values[0]) : 0;

	if (length == 0 || length >= sizeof(address))
		goto refuse;
	memcpy(address, values[0], length);
	address[length] = '\0';
	if (!parse_unsigned(&at, 10, 128, &prefix) || *at)
		goto refuse;
	if (inet_pton(AF_INET, address, bytes) == 1 ? prefix > 32
						    : inet_pton(AF_INET6, address, bytes) != 1)
		goto refuse;
	return parser_append_string(parser, &parser->sandbox->loopback_addresses, values[0]);
refuse:
	return report_refusal(parser->report,
			      "%s %.100s: not an address like 10.0.0.1/8 or fd::1/8", option->name,
			      values[0]);
}

static const struct {
	const char *name;
	enum map_mode mode;
} map_names[] = {
	{ "root", MAP_ROOT },
	{ "caller", MAP_CALLER },
	{ "subid", MAP_SUBID },
	{ "identity", MAP_IDENTITY },
};

int option_map(struct parser *parser, const struct option *option, const char *const *values)
{
	for (size_t i = 0; i < sizeof(map_names) / sizeof(map_names[0]); i++) {
		if (strcmp(map_names[i].name, values[0]) != 0)
			continue;
		parser->sandbox->map = map_names[i].mode;
		return 0;
	}
	return report_refusal(parser->report, "%s %.100s: unknown map (%s)", option->name,
			      values[0], option->choices);
}

/* argument: 0 for users, 1 for groups */
int option_map_range(struct parser *parser, const struct option *option, const char *const *values)
{
	struct sandbox *sandbox = parser->sandbox;

	sandbox->map = MAP_EXPLICIT;
	return idmap_parse_range(option->argument ? &sandbox->gid_map : &sandbox->uid_map,
				 option->name, values[0], parser->report);
}

/* argument: 0 for the user, 1 for the group */
int option_id(struct parser *parser, const struct option *option, const char *const *values)
{
	uint64_t number;
	int r = parse_number(parser, option, values[0], (uint64_t)ID_UNSET - 1, &number);

	if (r < 0)
		return r;
	if (option->argument)
		parser->sandbox->gid = (gid_t)number;
	else
		parser->sandbox->uid = (uid_t)number;
	return 0;
}

int options_finish(struct parser *parser)
{
	const struct sandbox *sandbox = parser->sandbox;
	int r = modifiers_are_taken(parser);

	if (r < 0)
		return r;
	if (sandbox->loopback_addresses.count &&
	    sandbox->namespaces[NAMESPACE_NET].wish != NAMESPACE_UNSHARE)
		return report_refusal(
			parser->report,
			"--loopback-address needs --unshare-net: the network is shared");
	return 0;
}
