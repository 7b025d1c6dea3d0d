/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor over paths: reads a part at a time, so nothing is open between two calls. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/backend.h"

/* Some 100 KB of entries; by then the cost of starting a read is spread thin. */
#define PAGE_ENTRIES 1000

struct fse_store_cursor {
    fse_store *store;
    fse_store_paths_options options;
    char *folder;
    fse_store_entries page;
    size_t next;
    char *after; /* last path of the part before */
    bool last;   /* the part at hand is the last */
};

fse_status fse_store_keep_entry(void *user, const fse_store_path *entry, fse_error *error)
{
    fse_store_entries *kept = user;
    const fse_status status =
        fse_grow(&kept->entries, &kept->capacity, kept->count, sizeof *kept->entries, error);
    if (status != FSE_OK)
        return status;
    fse_store_path copy = *entry;
    copy.path = fse_arena_copy(&kept->strings, entry->path);
    copy.reason = entry->reason[0] ? fse_arena_copy(&kept->strings, entry->reason) : "";
    copy.software = entry->software[0] ? fse_arena_copy(&kept->strings, entry->software) : "";
    copy.known_reason =
        entry->known_reason[0] ? fse_arena_copy(&kept->strings, entry->known_reason) : "";
    if (!copy.path || !copy.reason || !copy.software || !copy.known_reason)
        return fse_fail_memory(error);
    kept->entries[kept->count++] = copy;
    return FSE_OK;
}

void fse_store_entries_clear(fse_store_entries *kept)
{
    kept->count = 0;
    fse_arena_free(&kept->strings);
}

void fse_store_entries_free(fse_store_entries *kept)
{
    fse_store_entries_clear(kept);
    free(kept->entries);
    *kept = (fse_store_entries){0};
}

fse_status fse_store_paths(fse_store *store, const fse_store_paths_options *options,
                           fse_store_cursor **cursor, fse_error *error)
{
    *cursor = NULL;
    fse_store_cursor *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    made->store = store;
    made->options = options ? *options : (fse_store_paths_options){0};
    made->folder = fse_strdup(made->options.folder ? made->options.folder : "");
    made->after = fse_strdup("");
    made->options.folder = made->folder;
    if (!made->folder || !made->after) {
        fse_store_cursor_close(&made);
        return fse_fail_memory(error);
    }
    *cursor = made;
    return FSE_OK;
}

static fse_status read_page(fse_store_cursor *cursor, fse_error *error)
{
    if (cursor->page.count) {
        char *after = fse_strdup(cursor->page.entries[cursor->page.count - 1].path);
        if (!after)
            return fse_fail_memory(error);
        free(cursor->after);
        cursor->after = after;
    }
    const fse_store_page page = {&cursor->options, cursor->after, PAGE_ENTRIES};
    cursor->next = 0;
    fse_store_entries_clear(&cursor->page);
    const fse_status status =
        cursor->store->backend->list_paths(cursor->store, &page, fse_store_keep_entry,
                                           &cursor->page, error);
    if (status != FSE_OK) {
        fse_store_entries_clear(&cursor->page); /* the next call reads this part again */
        return status;
    }
    cursor->last = cursor->page.count < PAGE_ENTRIES;
    return FSE_OK;
}

fse_status fse_store_next(fse_store_cursor *cursor, const fse_store_path **entry, fse_error *error)
{
    *entry = NULL;
    if (cursor->next == cursor->page.count && !cursor->last) {
        const fse_status status = read_page(cursor, error);
        if (status != FSE_OK)
            return status;
    }
    if (cursor->next < cursor->page.count)
        *entry = &cursor->page.entries[cursor->next++];
    return FSE_OK;
}

void fse_store_cursor_close(fse_store_cursor **cursor)
{
    if (!cursor || !*cursor)
        return;
    fse_store_entries_free(&(*cursor)->page);
    free((*cursor)->folder);
    free((*cursor)->after);
    free(*cursor);
    *cursor = NULL;
}
