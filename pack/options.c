/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *libarchive;
} formats[] = {
	{ "pax", "pax" },
	{ "ustar", "ustar" },
	{ "newc", "newc" },
	{ "mtree", "mtree" },
};

enum {
	OPTION_REMEMBER = 256,
	OPTION_FORMAT,
	OPTION_NUMERIC,
	OPTION_MTIME,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option options_table[] = {
	{ "remember", required_argument, NULL, OPTION_REMEMBER },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "numeric-owner", no_argument, NULL, OPTION_NUMERIC },
	{ "mtime", required_argument, NULL, OPTION_MTIME },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL },
};

void pack_help(FILE *file)
{
	fputs("Usage: nsroot-pack [OPTIONS] TREE >ARCHIVE\n"
	      "\n"
	      "Pack a tree with the owners, devices and attributes that nsroot has remembered.\n"
	      "\n"
	      "  --remember=FILE   what `nsroot --remember FILE` wrote\n"
	      "  --format=FORMAT   pax (default), ustar, newc (cpio) or mtree\n"
	      "  --numeric-owner   no names of users and groups\n"
	      "  --mtime=@SECONDS  each time of change; SOURCE_DATE_EPOCH: at the latest\n"
	      "  --help            show this\n"
	      "  --version         show the version\n"
	      "\n"
	      "Manual: nsroot-pack(1)\n",
	      file);
}

static int parse_seconds(const char *what, const char *text, int64_t *seconds,
			 struct report *report)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < 0)
		return report_refusal(report, "%s: \"%s\" is no number of seconds since 1970", what,
				      text);
	*seconds = value;
	return 0;
}

static int parse_mtime(struct pack_options *options, const char *text, struct report *report)
{
	if (text[0] != '@')
		return report_refusal(report, "--mtime %s: not @SECONDS", text);
	options->mtime_set = true;
	return parse_seconds("--mtime", text + 1, &options->mtime, report);
}

static int parse_format(struct pack_options *options, const char *name, struct report *report)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (strcmp(formats[i].name, name) != 0)
			continue;
		options->format = formats[i].libarchive;
		return 0;
	}
	return report_refusal(report, "--format %s: unknown (pax, ustar, newc, mtree)", name);
}

static int parse_one(struct pack_options *options, int option, char *const *argv,
		     struct report *report)
{
	switch (option) {
	case OPTION_REMEMBER:
		options->remember = optarg;
		return 0;
	case OPTION_FORMAT:
		return parse_format(options, optarg, report);
	case OPTION_NUMERIC:
		options->numeric_owner = true;
		return 0;
	case OPTION_MTIME:
		return parse_mtime(options, optarg, report);
	case OPTION_HELP:
		options->help = true;
		return 0;
	case OPTION_VERSION:
		options->version = true;
		return 0;
	case ':':
		return report_refusal(report, "%s: a value is missing", argv[optind - 1]);
	default:
		report_refusal(report, "%s: unknown option", argv[optind - 1]);
		report_hint(report, "nsroot-pack --help lists them");
		return -EINVAL;
	}
}

int pack_options_parse(int argc, char **argv, struct pack_options *options, struct report *report)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	int option, r = 0;

	*options = (struct pack_options){ .format = "pax" };
	while (r >= 0 && (option = getopt_long(argc, argv, ":", options_table, NULL)) != -1)
		r = parse_one(options, option, argv, report);
	if (r < 0 || options->help || options->version)
		return r;
	if (optind + 1 != argc)
		return report_refusal(report,
				      optind == argc ? "TREE is missing" : "one TREE at a time");
	options->tree = argv[optind];
	if (!options->mtime_set && epoch) {
		options->mtime_latest = true;
		return parse_seconds("SOURCE_DATE_EPOCH", epoch, &options->mtime, report);
	}
	return 0;
}
