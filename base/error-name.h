/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* error_from_name: the errno value that a name as in errno(3) means ("ENOSYS"), -1 for an unknown
 * one. */
int error_from_name(const char *name);
