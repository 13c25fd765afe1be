/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/reply.h"

#include "base/error-name.h"
#include "base/library.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ERRNO_MAX 4095 /* the last that a system call can return */

LIBRARY_NOTE("libjson-c.so.5", "varlink", "Ids and mounts from the services of systemd",
	     "suggested");

struct libjson {
	LIBRARY_FUNCTION(json_tokener_new);
	LIBRARY_FUNCTION(json_tokener_free);
	LIBRARY_FUNCTION(json_tokener_set_flags);
	LIBRARY_FUNCTION(json_tokener_parse_ex);
	LIBRARY_FUNCTION(json_tokener_get_parse_end);
	LIBRARY_FUNCTION(json_object_put);
	LIBRARY_FUNCTION(json_object_is_type);
	LIBRARY_FUNCTION(json_object_object_get_ex);
	LIBRARY_FUNCTION(json_object_get_string);
	LIBRARY_FUNCTION(json_object_get_int64);
};

static const struct library_symbol libjson_symbols[] = {
	LIBRARY_SYMBOL(struct libjson, json_tokener_new),
	LIBRARY_SYMBOL(struct libjson, json_tokener_free),
	LIBRARY_SYMBOL(struct libjson, json_tokener_set_flags),
	LIBRARY_SYMBOL(struct libjson, json_tokener_parse_ex),
	LIBRARY_SYMBOL(struct libjson, json_tokener_get_parse_end),
	LIBRARY_SYMBOL(struct libjson, json_object_put),
	LIBRARY_SYMBOL(struct libjson, json_object_is_type),
	LIBRARY_SYMBOL(struct libjson, json_object_object_get_ex),
	LIBRARY_SYMBOL(struct libjson, json_object_get_string),
	LIBRARY_SYMBOL(struct libjson, json_object_get_int64),
};

/* A reply that is being read. */
struct reading {
	struct libjson library;
	struct json_object *root;
	const char *where;
	struct report *report;
};

static void cleanup_reading(struct reading *reading)
{
	if (reading->root)
		reading->library.json_object_put(reading->root);
}

#define _cleanup_reading_ __attribute__((cleanup(cleanup_reading)))

static int load(struct libjson *library, struct report *report)
{
	return library_load("libjson-c.so.5", "libjson-c5", libjson_symbols,
			    LIBRARY_COUNT(libjson_symbols), library, report);
}

int reply_prepare(const char *what, struct report *report)
{
	struct libjson library;
	struct report failure = { 0 };

	if (load(&library, &failure) == 0)
		return 0;
	return report_refusal(report, "%s: %s", what, failure.text);
}

static int refuse(const struct reading *reading, const char *why)
{
	return report_refusal(reading->report, "%s: bad reply: %s", reading->where, why);
}

/* The tokener stops after the first value; nothing but blanks may follow. */
static int read_root(struct reading *reading, const char *text, size_t size)
{
	const struct libjson *library = &reading->library;
	struct json_tokener *tokener = library->json_tokener_new();
	size_t end;

	if (!tokener)
		return report_failure(reading->report, ENOMEM, "%s", reading->where);
	library->json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
							 JSON_TOKENER_ALLOW_TRAILING_CHARS |
							 JSON_TOKENER_VALIDATE_UTF8);
	reading->root = library->json_tokener_parse_ex(tokener, text, (int)size);
	end = library->json_tokener_get_parse_end(tokener);
	library->json_tokener_free(tokener);

	while (reading->root && end < size && memchr(" \t\r\n", text[end], 4))
		end++;
	if (!library->json_object_is_type(reading->root, json_type_object) || end != size)
		return refuse(reading, "not one JSON object");
	return 0;
}

/*
 * A member of an object.
 * Returns 1 with *value set; 0 if there is none or it is null; -EINVAL, reported, for another type.
 */
static int read_member(const struct reading *reading, struct json_object *object, const char *key,
		       enum json_type type, struct json_object **value)
{
	char why[96];

	*value = NULL;
	if (!object || !reading->library.json_object_object_get_ex(object, key, value) || !*value)
		return 0;
	if (reading->library.json_object_is_type(*value, type))
		return 1;
	snprintf(why, sizeof(why), "%s has the wrong type", key);
	return refuse(reading, why);
}

static int read_text(const struct reading *reading, struct json_object *object, const char *key,
		     char *text, size_t size)
{
	struct json_object *value;
	int r = read_member(reading, object, key, json_type_string, &value);

	if (r > 0)
		snprintf(text, size, "%s", reading->library.json_object_get_string(value));
	return r;
}

/* An error may come with an errno value, by its name, its number or both. */
static int read_number(const struct reading *reading, struct json_object *parameters,
		       struct reply *reply)
{
	struct json_object *value;
	char name[sizeof(reply->detail)];
	int64_t wide;
	int r = read_text(reading, parameters, "errnoName", name, sizeof(name));

	if (r < 0)
		return r;
	if (r > 0) {
		reply->number = error_from_name(name);
		if (reply->number > 0)
			return 0;
		/* perhaps its number is there; else its name is all that can be told */
		reply->number = 0;
		memcpy(reply->detail, name, sizeof(name));
	}
	r = read_member(reading, parameters, "errno", json_type_int, &value);
	if (r <= 0)
		return r;
	wide = reading->library.json_object_get_int64(value);
	if (wide <= 0 || wide > ERRNO_MAX)
		return refuse(reading, "errno is out of range");
	reply->number = (int)wide;
	return 0;
}

static int read_fd_index(const struct reading *reading, struct json_object *parameters,
			 const char *key, size_t fd_count, size_t *index)
{
	struct json_object *value;
	char why[96];
	int64_t wide;
	int r = read_member(reading, parameters, key, json_type_int, &value);

	if (r < 0)
		return r;
	snprintf(why, sizeof(why), "%s is missing", key);
	if (r == 0)
		return refuse(reading, why);
	wide = reading->library.json_object_get_int64(value);
	snprintf(why, sizeof(why), "%s is %lld, but %zu file descriptors came along", key,
		 (long long)wide, fd_count);
	if (wide < 0 || (uint64_t)wide >= fd_count)
		return refuse(reading, why);
	*index = (size_t)wide;
	return 0;
}

int reply_parse(const char *text, size_t size, const char *fd_key, size_t fd_count,
		const char *where, struct reply *reply, struct report *report)
{
	_cleanup_reading_ struct reading reading = { .where = where, .report = report };
	struct json_object *parameters;
	int is_error, r;

	*reply = (struct reply){ 0 };
	if (size > INT_MAX)
		return refuse(&reading, "too large");
	r = load(&reading.library, report);
	if (r == 0)
		r = read_root(&reading, text, size);
	if (r == 0)
		r = read_member(&reading, reading.root, "parameters", json_type_object,
				&parameters);
	if (r < 0)
		return r;

	is_error = read_text(&reading, reading.root, "error", reply->error, sizeof(reply->error));
	if (is_error < 0)
		return is_error;
	if (!is_error)
		return fd_key ? read_fd_index(&reading, parameters, fd_key, fd_count,
					      &reply->fd_index)
			      : 0;
	if (!*reply->error)
		return refuse(&reading, "an error without a name");
	r = read_text(&reading, parameters, "parameter", reply->detail, sizeof(reply->detail));
	if (r >= 0)
		r = read_number(&reading, parameters, reply);
	return r < 0 ? r : 0;
}
