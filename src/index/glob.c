/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher walks glob and path side by side and keeps two places to come back to: the last "*"
 * and the last "**". Two are enough. Whatever an earlier star could still give, the later one can
 * take over: "**" takes anything, and between two "*" without a "**" the slashes fix which folder
 * each belongs to. So the time is polynomial, where plain recursion is exponential in the stars.
 */
#include "index/glob.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"

typedef struct glob {
    char *text;        /* without the leading and trailing slashes */
    bool whole_path;   /* there was a slash */
    bool folders_only; /* it ended in a slash */
} glob;

struct fse_globs {
    size_t count;
    glob *items;
};

/* Above all of Unicode: bytes that are no UTF-8 stand for themselves. */
#define RAW_BYTE 0x110000u

/* The character at *text, which moves behind it. Well-formed UTF-8: Unicode 15, table 3-7. */
static uint32_t next_character(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    const int length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3
                     : s[0] < 0xf5 ? 4 : 0;
    uint32_t character = length == 1 ? s[0] : length ? s[0] & (0xffu >> (length + 1)) : 0;
    int i = 1;
    while (i < length && (s[i] & 0xc0) == 0x80)
        character = character << 6 | (s[i++] & 0x3f);
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool well_formed = length > 0 && i == length && character >= least[length] &&
                             character < RAW_BYTE && (character & ~0x7ffu) != 0xd800;
    *text += well_formed ? length : 1;
    return well_formed ? character : RAW_BYTE + s[0];
}

/* One character of a glob that may be escaped by a backslash. */
static uint32_t next_escaped(const char **text)
{
    if (**text == '\\')
        (*text)++;
    return next_character(text);
}

/* Whether the bracket after whose "[" *set stands has the character; *set moves behind its "]". */
static bool match_set(const char **set, uint32_t character)
{
    bool found = false;
    const bool negated = **set == '!' || **set == '^';
    if (negated)
        (*set)++;
    bool first = true;
    while (first || **set != ']') {
        first = false;
        const uint32_t low = next_escaped(set);
        uint32_t high = low;
        if ((*set)[0] == '-' && (*set)[1] != ']') {
            (*set)++;
            high = next_escaped(set);
        }
        found |= low <= character && character <= high;
    }
    (*set)++;
    return found != negated && character != '/';
}

/* Match one element that is no star with one character; both move on. */
static bool match_one(const char **pattern, const char **text)
{
    if (**pattern == '\0' || **text == '\0')
        return false;
    const uint32_t character = next_character(text);
    if (**pattern == '?') {
        (*pattern)++;
        return character != '/';
    }
    if (**pattern == '[') {
        (*pattern)++;
        return match_set(pattern, character);
    }
    return next_escaped(pattern) == character;
}

/* Where to go on when what follows a star does not match. */
typedef struct retry {
    const char *pattern; /* behind the star; NULL: there was none */
    const char *text;    /* what follows it was last tried here */
} retry;

/* Let a star take one character more. folders: "**" with a slash behind it takes whole folders. */
static bool take_more(retry *star, bool deep, bool folders)
{
    if (!star->pattern || *star->text == '\0' || (!deep && *star->text == '/'))
        return false;
    if (folders) {
        const char *slash = strchr(star->text, '/');
        if (!slash)
            return false;
        star->text = slash + 1;
    } else {
        next_character(&star->text);
    }
    return true;
}

static bool match(const char *whole, const char *text)
{
    retry star = {NULL, NULL};
    retry deep = {NULL, NULL};
    bool folders = false;
    const char *pattern = whole;
    while (*pattern || *text) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            const bool at_start = pattern == whole || pattern[-1] == '/';
            pattern += strspn(pattern, "*");
            folders = at_start && *pattern == '/';
            pattern += folders;
            deep = (retry){pattern, text};
            star.pattern = NULL;
        } else if (*pattern == '*') {
            star = (retry){++pattern, text};
        } else if (!match_one(&pattern, &text)) {
            const bool more = take_more(&star, false, false);
            if (!more && !take_more(&deep, true, folders))
                return false;
            if (!more)
                star.pattern = NULL;
            pattern = more ? star.pattern : deep.pattern;
            text = more ? star.text : deep.text;
        }
    }
    return true;
}

/* Why a glob cannot be used, or NULL. */
static const char *find_fault(const char *text, bool folders)
{
    if (!text)
        return "a pattern is NULL";
    if (text[strspn(text, "/")] == '\0')
        return "an empty pattern matches nothing";
    for (const char *s = text; *s; s++) {
        if (*s == '\\') {
            s++;
            if (s[strspn(s, "/")] == '\0')
                return "the pattern ends in a backslash: write \\\\ for a backslash itself";
        } else if (*s == '[') {
            s += s[1] == '!' || s[1] == '^' ? 2 : 1;
            for (bool first = true; first || *s != ']'; s++, first = false) {
                s += *s == '\\';
                if (*s == '\0')
                    return "the pattern has a [ without its ]: write [[] for a [ itself";
            }
        }
    }
    if (!folders && text[strlen(text) - 1] == '/')
        return "the pattern ends in a slash: add ** for all that is below that folder";
    return NULL;
}

static fse_status compile(const char *pattern, const char *what, bool folders, glob *item,
                          fse_error *error)
{
    const char *fault = find_fault(pattern, folders);
    if (fault)
        return fse_fail(error, FSE_EINVAL, pattern, "%s: %s", what, fault);
    item->whole_path = strchr(pattern, '/') != NULL;
    item->text = fse_strdup(pattern + strspn(pattern, "/"));
    if (!item->text)
        return fse_fail_memory(error);
    size_t length = strlen(item->text);
    item->folders_only = item->text[length - 1] == '/';
    while (item->text[length - 1] == '/')
        item->text[--length] = '\0';
    if (item->folders_only && pattern[0] != '/')
        item->whole_path = strchr(item->text, '/') != NULL;
    return FSE_OK;
}

fse_status fse_globs_new(const char *const *patterns, size_t count, const char *what,
                         bool folders, fse_globs **globs, fse_error *error)
{
    fse_status status = FSE_OK;
    *globs = NULL;
    fse_globs *made = fse_alloc(1, sizeof *made);
    if (made)
        made->items = fse_alloc(count, sizeof *made->items);
    if (!made || !made->items)
        FSE_TRY(fse_fail_memory(error));
    for (; made->count < count; made->count++)
        FSE_TRY(compile(patterns[made->count], what, folders, &made->items[made->count], error));
    *globs = made;
    made = NULL;
cleanup:
    fse_globs_free(&made);
    return status;
}

void fse_globs_free(fse_globs **globs)
{
    if (!globs || !*globs)
        return;
    for (size_t i = 0; i < (*globs)->count; i++)
        free((*globs)->items[i].text);
    free((*globs)->items);
    free(*globs);
    *globs = NULL;
}

bool fse_globs_match(const fse_globs *globs, const char *path, bool is_folder)
{
    const char *name = fse_path_name(path);
    for (size_t i = 0; globs && i < globs->count; i++) {
        const glob *item = &globs->items[i];
        if ((is_folder || !item->folders_only) && match(item->text, item->whole_path ? path : name))
            return true;
    }
    return false;
}
