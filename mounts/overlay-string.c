/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/overlay.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

/* Options as one text: at most 500 lowers of "/proc/self/fd", each a number and a ":". */
static char *format_options(const struct overlay_layers *layers)
{
	const char *given = layers->options ?: "";
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	fprintf(out, "userxattr,lowerdir=");
	for (size_t i = layers->lower_count; i-- > 0;)
		fprintf(out, "%d%s", layers->lowers[i], i ? ":" : "");
	if (layers->upper >= 0)
		fprintf(out, ",upperdir=%d,workdir=%d", layers->upper, layers->work);
	fprintf(out, "%s%s", *given ? "," : "", given);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/*
 * mount(2) can only attach. What it makes goes over all that lies over "/", for as long as it takes
 * to get a detached copy of it; "/.." leads there: path_resolution(7).
 */
static int mount_and_detach(const char *options, unsigned int attributes, const char **call)
{
	struct mount_attr attr = { .attr_set = attributes };
	_cleanup_close_ int tree = -EBADF;

	*call = "mount overlay";
	if (mount("overlay", "/", "overlay", 0, options) < 0)
		return -errno;
	*call = "open_tree overlay";
	tree = open_tree(AT_FDCWD, "/..", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return -errno;
	*call = "umount overlay";
	if (umount2("/..", MNT_DETACH) < 0)
		return -errno;
	*call = "mount_setattr overlay";
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return steal_fd(&tree);
}

int overlay_mount_by_string(const struct overlay_layers *layers, unsigned int attributes,
			    const char **call)
{
	_cleanup_free_ char *options = format_options(layers);
	_cleanup_close_ int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	*call = "change to /proc/self/fd";
	if (!options)
		return -ENOMEM;
	/* names of a few letters: all of them have to fit into a page */
	if (here < 0 || chdir("/proc/self/fd") < 0)
		return -errno;
	r = mount_and_detach(options, attributes, call);
	if (fchdir(here) < 0 && r >= 0) {
		*call = "fchdir";
		close(r);
		return -errno;
	}
	return r;
}
