/* SPDX-License-Identifier: Apache-2.0 */
/* Notices that something changed in a folder or below it (inotify). It says no more than that. */
#ifndef FSE_INDEX_WATCH_H
#define FSE_INDEX_WATCH_H

#include "facesearch/index.h"

struct fse_watch {
    int fd;
    char *folder;
    char *ignore; /* files whose names begin with this are no change; NULL: none */
    bool stale;   /* there may be folders that are not watched yet */
};

#endif
