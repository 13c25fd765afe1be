/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[] = { "pax", "ustar", "newc", "mtree" };

enum {
	OPTION_REMEMBER = 256,
	OPTION_FORMAT,
	OPTION_NUMERIC,
	OPTION_OWNER_MAP,
	OPTION_MTIME,
	OPTION_SORT,
	OPTION_FILTER,
	OPTION_SPEC,
	OPTION_CHECK,
	OPTION_APPLY,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option options_table[] = {
	{ "remember", required_argument, NULL, OPTION_REMEMBER },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "numeric-owner", no_argument, NULL, OPTION_NUMERIC },
	{ "owner-map", required_argument, NULL, OPTION_OWNER_MAP },
	{ "mtime", required_argument, NULL, OPTION_MTIME },
	{ "sort", optional_argument, NULL, OPTION_SORT },
	{ "filter", no_argument, NULL, OPTION_FILTER },
	{ "spec", required_argument, NULL, OPTION_SPEC },
	{ "check", required_argument, NULL, OPTION_CHECK },
	{ "apply", no_argument, NULL, OPTION_APPLY },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL },
};

void pack_help(FILE *file)
{
	fputs("Usage: nsroot-pack [OPTIONS] TREE >ARCHIVE\n"
	      "       nsroot-pack --filter [--remember=FILE TREE | --spec=SPEC] <ARCHIVE >ARCHIVE\n"
	      "       nsroot-pack --check=SPEC [--remember=FILE] TREE\n"
	      "       nsroot-pack --apply [--remember=FILE] TREE\n"
	      "\n"
	      "Pack a tree with the owners, devices and attributes that nsroot has remembered.\n"
	      "\n"
	      "  --remember=FILE   what `nsroot --remember FILE` wrote\n"
	      "  --format=FORMAT   pax (default), ustar, newc (cpio) or mtree\n"
	      "  --numeric-owner   no names of users and groups\n"
	      "  --owner-map=FILE  other owners: lines UID:GID UID:GID\n"
	      "  --mtime=@SECONDS  each time of change; SOURCE_DATE_EPOCH: at the latest\n"
	      "  --sort            by name: it is always so\n"
	      "  --filter          change an archive on the way from standard input\n"
	      "  --spec=SPEC       owners and modes for --filter: a file in mtree(5)\n"
	      "  --check=SPEC      list where the tree is not what SPEC says\n"
	      "  --apply           as root: give the tree what is remembered\n"
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
	if (errno || *text < '0' || *text > '9' || *end)
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
		if (strcmp(formats[i], name) != 0)
			continue;
		options->format = formats[i];
		return 0;
	}
	return report_refusal(report, "--format %s: unknown (pax, ustar, newc, mtree)", name);
}

static int set_task(struct pack_options *options, enum pack_task task, struct report *report)
{
	if (options->task != PACK_TREE && options->task != task && options->task < PACK_HELP)
		return report_refusal(report,
				      "--filter, --check and --apply: one of them at a time");
	options->task = task;
	return 0;
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
	case OPTION_OWNER_MAP:
		options->owner_map = optarg;
		return 0;
	case OPTION_MTIME:
		return parse_mtime(options, optarg, report);
	case OPTION_SORT:
		if (optarg && strcmp(optarg, "name") != 0)
			return report_refusal(report, "--sort %s: unknown (name)", optarg);
		return 0;
	case OPTION_FILTER:
		return set_task(options, PACK_FILTER, report);
	case OPTION_SPEC:
		options->spec = optarg;
		return 0;
	case OPTION_CHECK:
		options->spec = optarg;
		return set_task(options, PACK_CHECK, report);
	case OPTION_APPLY:
		return set_task(options, PACK_APPLY, report);
	case OPTION_HELP:
		options->task = PACK_HELP;
		return 0;
	case OPTION_VERSION:
		options->task = PACK_VERSION;
		return 0;
	case ':':
		return report_refusal(report, "%s: a value is missing", argv[optind - 1]);
	default:
		report_refusal(report, "%s: unknown option", argv[optind - 1]);
		report_hint(report, "nsroot-pack --help lists them");
		return -EINVAL;
	}
}

/* What means nothing for the task would be taken for done. */
static int check_task(struct pack_options *options, struct report *report)
{
	bool filter = options->task == PACK_FILTER, archive = filter || options->task == PACK_TREE;

	if (filter && options->remember && !options->tree)
		return report_refusal(report,
				      "--filter --remember: TREE, which it is about, is missing");
	if (filter && options->spec && options->remember)
		return report_refusal(report, "--filter: --remember or --spec, not both");
	if (filter && options->tree && !options->remember)
		return report_refusal(report, "--filter: TREE says nothing without --remember");
	if (!filter && !options->tree)
		return report_refusal(report, "TREE is missing");
	if (!filter && options->task != PACK_CHECK && options->spec)
		return report_refusal(report, "--spec: only for --filter");
	if (!archive && options->format)
		return report_refusal(report, "--format: there is no archive with --%s",
				      options->task == PACK_CHECK ? "check" : "apply");
	if (options->task == PACK_APPLY && options->mtime_set)
		return report_refusal(report, "--mtime: not for --apply");
	if (!filter && !options->format)
		options->format = archive ? "pax" : "mtree";
	return 0;
}

int pack_options_parse(int argc, char **argv, struct pack_options *options, struct report *report)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	int option, r = 0;

	*options = (struct pack_options){ 0 };
	while (r >= 0 && (option = getopt_long(argc, argv, ":", options_table, NULL)) != -1)
		r = parse_one(options, option, argv, report);
	if (r < 0 || options->task >= PACK_HELP)
		return r;
	if (optind + 1 < argc)
		return report_refusal(report, "one TREE at a time");
	options->tree = argv[optind];
	r = check_task(options, report);
	if (r >= 0 && !options->mtime_set && epoch) {
		options->mtime_latest = true;
		r = parse_seconds("SOURCE_DATE_EPOCH", epoch, &options->mtime, report);
	}
	return r;
}
