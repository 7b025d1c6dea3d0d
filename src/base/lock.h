/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files: at most one holder, known by process and machine, and free as soon as it is dead. */
#ifndef FSE_BASE_LOCK_H
#define FSE_BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fse_lock fse_lock;

/* Who holds a lock. */
typedef struct fse_lock_holder {
    int64_t pid;   /* 0: not known (it has only just taken the lock) */
    int64_t since; /* seconds since 1970 */
    char host[65]; /* name of the machine */
} fse_lock_holder;

/*
 * Take the lock file path, which is made if it is missing (0600) and never removed: a lock that is
 * taken on a removed file would be no lock. It is free again after fse_lock_release() or when the
 * process is dead, however it died. Another thread of this process that holds it counts as another
 * holder.
 * On success *lock is the caller's. FSE_ELOCKED: someone else holds it; *holder says who, as does
 * the message. holder may be NULL.
 */
fse_status fse_lock_take(const char *path, fse_lock **lock, fse_lock_holder *holder,
                         fse_error *error);

/* Release and set *lock to NULL. NULL and *lock == NULL do nothing. */
void fse_lock_release(fse_lock **lock);

/* Whether someone holds the lock now, without taking it; a missing file is a lock that is free. */
fse_status fse_lock_look(const char *path, bool *held, fse_lock_holder *holder, fse_error *error);

/* "by process 12 on host since 2026-01-31 12:00:00", in local time. */
void fse_lock_holder_text(const fse_lock_holder *holder, char *text, size_t size);

#endif
