/* SPDX-License-Identifier: Apache-2.0 */
#include "index/walk.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/tree.h"

static const unsigned char jpeg[64] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F'};

/* What a walk visited: one line each, "P path", "O path" or "S path: reason". */
typedef struct log {
    char **lines;
    size_t count, capacity;
    size_t cancel_after; /* 0: never */
    size_t asked;
} log;

static fse_status note(void *user, const fse_walk_entry *entry, fse_error *error)
{
    log *l = user;
    assert_int_equal(fse_grow(&l->lines, &l->capacity, l->count, sizeof *l->lines, error), FSE_OK);
    assert_int_equal(entry->kind == FSE_WALK_SKIPPED, entry->reason != NULL);
    if (asprintf(&l->lines[l->count++], "%c %s%s%s", "POS"[entry->kind], entry->path,
                 entry->reason ? ": " : "", entry->reason ? entry->reason : "") < 0)
        abort();
    return FSE_OK;
}

static bool cancel(void *user)
{
    log *l = user;
    return l->cancel_after && ++l->asked > l->cancel_after;
}

static void free_log(log *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->lines[i]);
    free(l->lines);
    *l = (log){.count = 0};
}

static log walk_globs(const char *root, const char *include, const char *exclude)
{
    log l = {.count = 0};
    fse_globs *globs[2] = {NULL, NULL};
    if (include)
        assert_int_equal(fse_globs_new(&include, 1, "include", false, &globs[0], NULL), FSE_OK);
    if (exclude)
        assert_int_equal(fse_globs_new(&exclude, 1, "exclude", true, &globs[1], NULL), FSE_OK);
    const fse_walk_options options = {
        .include = globs[0], .exclude = globs[1], .visit = note, .cancel = cancel, .user = &l};
    fse_error error = {.status = FSE_OK};
    if (fse_walk(root, &options, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    fse_globs_free(&globs[0]);
    fse_globs_free(&globs[1]);
    return l;
}

#define EXPECT(l, ...)                                                                             \
    do {                                                                                           \
        const char *const expected[] = {__VA_ARGS__};                                              \
        expect_lines(l, expected, FSE_COUNT(expected));                                            \
    } while (0)

static void expect_lines(log l, const char *const *expected, size_t count)
{
    for (size_t i = 0; i < l.count && i < count; i++)
        assert_string_equal(l.lines[i], expected[i]);
    assert_int_equal(l.count, count);
    free_log(&l);
}

static int make_root(void **state)
{
    *state = tree_new();
    return 0;
}

static int remove_root(void **state)
{
    tree_remove(*state);
    free(*state);
    return 0;
}

static void photo(const char *root, const char *path)
{
    tree_write(root, path, jpeg, sizeof jpeg);
}

static void text(const char *root, const char *path)
{
    tree_write(root, path, "words", 5);
}

static void candidates_are_known_by_content_or_name(void **state)
{
    photo(*state, "by-content");
    photo(*state, "c.txt");
    text(*state, "by-name.JPG");
    text(*state, "raw.cr2");
    text(*state, "notes.txt");
    tree_write(*state, "empty", "", 0);
    tree_write(*state, "empty.png", "", 0);
    EXPECT(walk_globs(*state, NULL, NULL), "P by-content", "P by-name.JPG", "P c.txt", "O empty",
           "P empty.png", "O notes.txt", "P raw.cr2");
}

static void hidden_things_are_left_out(void **state)
{
    photo(*state, ".hidden.jpg");
    photo(*state, "._a.jpg");
    photo(*state, ".facesearch/a.jpg");
    photo(*state, "x/@eaDir/a.jpg");
    photo(*state, "x/a.jpg");
    photo(*state, "private/deep/a.jpg");
    text(*state, "private/.nomedia");
    photo(*state, "z/@eaDir"); /* a file of that name is a file */
    EXPECT(walk_globs(*state, NULL, NULL), "P x/a.jpg", "P z/@eaDir");
    text(*state, ".nomedia"); /* in the folder that was asked for */
    EXPECT(walk_globs(*state, NULL, NULL), "P x/a.jpg", "P z/@eaDir");
}

static void links_lead_to_files_only(void **state)
{
    photo(*state, "real/a.jpg");
    tree_link(*state, "to-folder", "real");
    tree_link(*state, "to-folder.jpg", "real");
    tree_link(*state, "real/up", "..");
    tree_link(*state, "to-file", "real/a.jpg");
    tree_link(*state, "broken.jpg", "nowhere");
    tree_link(*state, "broken.txt", "nowhere");
    tree_link(*state, "loop1.jpg", "loop2.jpg");
    tree_link(*state, "loop2.jpg", "loop1.jpg");
    EXPECT(walk_globs(*state, NULL, NULL), "S broken.jpg: a link to a file that does not exist",
           "O broken.txt", "S loop1.jpg: cannot open: Too many levels of symbolic links",
           "S loop2.jpg: cannot open: Too many levels of symbolic links", "P real/a.jpg",
           "P to-file");
}

static void make_special_files(const char *root)
{
    static const char *const pipes[] = {"pipe.jpg", "pipe"};
    for (size_t i = 0; i < FSE_COUNT(pipes); i++) {
        char *path = tree_path(root, pipes[i]);
        assert_int_equal(mkfifo(path, 0666), 0);
        free(path);
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s.jpg", root);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

static void special_files_are_not_opened(void **state)
{
    make_special_files(*state); /* opening the pipe would block for ever */
    tree_link(*state, "zero.jpg", "/dev/zero");
    tree_link(*state, "zero", "/dev/zero");
    EXPECT(walk_globs(*state, NULL, NULL), "O pipe",
           "S pipe.jpg: expected a file, but it is a named pipe",
           "S s.jpg: expected a file, but it is a socket", "O zero",
           "S zero.jpg: expected a file, but it is a device");
}

static void names_of_any_bytes_work(void **state)
{
    photo(*state, "new\nline.jpg");
    photo(*state, "\xff\xfe.jpg");
    photo(*state, "-rf");
    photo(*state, " ");
    photo(*state, "a%s%n/*.jpg");
    EXPECT(walk_globs(*state, NULL, NULL), "P  ", "P -rf", "P a%s%n/*.jpg", "P new\nline.jpg",
           "P \xff\xfe.jpg");
}

static void globs_choose(void **state)
{
    photo(*state, "a/x.jpg");
    photo(*state, "a/y.png");
    photo(*state, "b/c/x.jpg");
    text(*state, "b/x.txt");
    photo(*state, "x.jpg");
    EXPECT(walk_globs(*state, "*.jpg", NULL), "P a/x.jpg", "P b/c/x.jpg", "P x.jpg");
    EXPECT(walk_globs(*state, "a/*", NULL), "P a/x.jpg", "P a/y.png");
    EXPECT(walk_globs(*state, NULL, "b"), "P a/x.jpg", "P a/y.png", "P x.jpg");
    EXPECT(walk_globs(*state, NULL, "b/c/"), "P a/x.jpg", "P a/y.png", "O b/x.txt", "P x.jpg");
    EXPECT(walk_globs(*state, "*.jpg", "/x.jpg"), "P a/x.jpg", "P b/c/x.jpg");
}

static void unreadable_things_are_told(void **state)
{
    if (geteuid() == 0) {
        print_message("skipped: root may read everything\n");
        skip();
    }
    photo(*state, "closed/a.jpg");
    photo(*state, "listed/a.jpg");
    text(*state, "listed/b.txt");
    photo(*state, "a.jpg");
    text(*state, "a.txt");
    static const struct {
        const char *path;
        mode_t mode;
    } modes[] = {{"closed", 0}, {"listed", 0444}, {"a.jpg", 0}, {"a.txt", 0}};
    for (size_t i = 0; i < FSE_COUNT(modes); i++) {
        char *path = tree_path(*state, modes[i].path);
        assert_int_equal(chmod(path, modes[i].mode), 0);
        free(path);
    }
    EXPECT(walk_globs(*state, NULL, NULL), "P a.jpg", "O a.txt",
           "S closed: cannot open the folder: Permission denied",
           "S listed/a.jpg: cannot open: Permission denied", "O listed/b.txt");
    char *closed = tree_path(*state, "closed");
    const fse_walk_options options = {.visit = note};
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_walk(closed, &options, &error), FSE_EACCES);
    assert_string_equal(error.subject, closed);
    free(closed);
}

static void a_missing_folder_is_named(void **state)
{
    photo(*state, "a.jpg");
    static const struct {
        const char *path, *message;
    } cases[] = {{"none", "No such file"}, {"a.jpg", "it is a file"}, {"a.jpg/b", "Not a direc"}};
    const fse_walk_options options = {.visit = note};
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        char *path = tree_path(*state, cases[i].path);
        fse_error error = {.status = FSE_OK};
        assert_int_equal(fse_walk(path, &options, &error), FSE_ENOENT);
        assert_string_equal(error.subject, path);
        assert_non_null(strstr(error.message, cases[i].message));
        free(path);
    }
    assert_int_equal(fse_walk("", &options, NULL), FSE_ENOENT);
}

static fse_status check_entry(void *user, const fse_walk_entry *entry, fse_error *error)
{
    (void)error;
    struct stat info;
    char *path = tree_path(user, entry->path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(entry->size, info.st_size);
    assert_int_equal(entry->inode, info.st_ino);
    assert_int_equal(entry->device, info.st_dev);
    assert_true(entry->mtime == (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec);
    free(path);
    return FSE_OK;
}

static void entries_describe_the_file(void **state)
{
    photo(*state, "x/a.jpg");
    tree_link(*state, "b.jpg", "x/a.jpg");
    char *path = tree_path(*state, "x/a.jpg");
    const struct timespec times[2] = {{.tv_sec = -5, .tv_nsec = 7}, {.tv_sec = -5, .tv_nsec = 7}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    const fse_walk_options options = {.visit = check_entry, .user = *state};
    assert_int_equal(fse_walk(*state, &options, NULL), FSE_OK);
    free(path);
}

/* The reference: what nftw() finds, sorted by strcmp(). */
static log reference;
static size_t reference_root;

static int add_reference(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)where;
    if (type == FTW_F)
        note(&reference, &(fse_walk_entry){.path = path + reference_root}, NULL);
    return 0;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void thousands_come_in_the_order_of_bytes(void **state)
{
    static const char *const parts[] = {"a", "b", "a.b", "a-b", "a b", "a+", "a0", "\xc3\xa4", "A"};
    uint32_t seed = 3;
    for (int i = 0; i < 5000; i++) {
        char path[200] = "";
        seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, chapter 7 */
        for (uint32_t depth = seed >> 30, bits = seed >> 8; depth > 0; depth--, bits /= 9) {
            strcat(path, parts[bits % FSE_COUNT(parts)]);
            strcat(path, "/");
        }
        snprintf(path + strlen(path), 20, "%s%d.jpg", parts[(unsigned)i % FSE_COUNT(parts)], i / 3);
        photo(*state, path);
    }
    reference_root = strlen(*state) + 1;
    assert_int_equal(nftw(*state, add_reference, 10, FTW_PHYS), 0);
    qsort(reference.lines, reference.count, sizeof *reference.lines, compare_lines);
    assert_in_range(reference.count, 4000, 5000);
    expect_lines(walk_globs(*state, NULL, NULL), (const char *const *)reference.lines,
                 reference.count);
    free_log(&reference);
}

/* Folders below each other until no system call takes the path. Returns their number. */
static int make_deep(const char *root, char *line)
{
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    int fd = open(root, O_RDONLY | O_DIRECTORY);
    const int depth = 150;
    for (int i = 0; i < depth; i++) {
        assert_int_equal(mkdirat(fd, name, 0777), 0);
        const int below = openat(fd, name, O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = below;
        line = stpcpy(stpcpy(line, name), "/");
        if (i % 50 != 0 && i != depth - 1)
            continue;
        const int file = openat(fd, "e.jpg", O_WRONLY | O_CREAT, 0666);
        assert_int_equal(write(file, jpeg, sizeof jpeg), sizeof jpeg);
        close(file);
    }
    close(fd);
    strcpy(line, "e.jpg");
    return depth;
}

static void paths_longer_than_the_system_takes_work(void **state)
{
    char *deepest = malloc(40000);
    assert_non_null(deepest);
    const int depth = make_deep(*state, deepest);
    assert_true(depth * 201 > 2 * PATH_MAX);
    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    const struct rlimit few = {.rlim_cur = 100, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    log l = walk_globs(*state, NULL, NULL);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(l.count, 4);
    assert_string_equal(l.lines[0] + 2, deepest);
    free_log(&l);

    char *full = tree_path(*state, deepest);
    int fd;
    uint64_t size;
    assert_int_equal(fse_walk_open(full, &fd, &size, NULL), FSE_OK);
    assert_int_equal(size, sizeof jpeg);
    close(fd);
    full[strlen(full) - 1] = 'x';
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_walk_open(full, &fd, &size, &error), FSE_ENOENT);
    assert_int_equal(fd, -1);
    assert_int_equal(strncmp(error.subject, full, 100), 0);
    free(full);
    free(deepest);
}

static fse_status refuse(void *user, const fse_walk_entry *entry, fse_error *error)
{
    (void)user;
    return fse_fail(error, FSE_EFACE, entry->path, "enough");
}

static void a_walk_can_be_ended(void **state)
{
    for (char name[] = "a/b/a.jpg"; name[4] <= 'z'; name[4]++)
        photo(*state, name);
    log l = {.cancel_after = 10};
    fse_walk_options options = {.visit = note, .cancel = cancel, .user = &l};
    assert_int_equal(fse_walk(*state, &options, NULL), FSE_ECANCELLED);
    assert_in_range(l.count, 1, 10);
    free_log(&l);
    options.visit = refuse;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_walk(*state, &options, &error), FSE_EFACE);
    assert_string_equal(error.message, "enough");
}

/* Remove the folder at hand's parent's parent from above: the way back up is gone. */
static fse_status move_away(void *user, const fse_walk_entry *entry, fse_error *error)
{
    if (strstr(entry->path, "bottom")) {
        char *from = tree_path(user, "d/d/d");
        char *to = tree_path(user, "moved");
        assert_int_equal(rename(from, to), 0);
        free(from);
        free(to);
    }
    return entry->kind == FSE_WALK_SKIPPED ? fse_fail(error, FSE_EIO, NULL, "%s", entry->reason)
                                           : FSE_OK;
}

static void a_folder_moved_meanwhile_is_told(void **state)
{
    char path[300] = "";
    for (int i = 0; i < 100; i++)
        strcat(path, "d/");
    strcat(path, "bottom.jpg");
    photo(*state, path);
    photo(*state, "d/d/e.jpg");
    const fse_walk_options options = {.visit = move_away, .user = *state};
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_walk(*state, &options, &error), FSE_EIO);
    assert_non_null(strstr(error.message, "moved"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(candidates_are_known_by_content_or_name),
        TEST(hidden_things_are_left_out),
        TEST(links_lead_to_files_only),
        TEST(special_files_are_not_opened),
        TEST(names_of_any_bytes_work),
        TEST(globs_choose),
        TEST(unreadable_things_are_told),
        TEST(a_missing_folder_is_named),
        TEST(entries_describe_the_file),
        TEST(thousands_come_in_the_order_of_bytes),
        TEST(paths_longer_than_the_system_takes_work),
        TEST(a_walk_can_be_ended),
        TEST(a_folder_moved_meanwhile_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
