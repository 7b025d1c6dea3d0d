/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch notices, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "facesearch/index.h"

typedef struct fixture {
    char folder[64];
    fse_watch *watch;
    int asked; /* how often the cancel callback was; it stops at 5, after about a second */
} fixture;

static void run(const fixture *f, const char *what)
{
    char command[256];
    snprintf(command, sizeof command, "cd %s && %s", f->folder, what);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "watch-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    run(f, "mkdir -p a/b .hidden @eaDir; ln -s . a/self");
    assert_int_equal(fse_watch_open(f->folder, "my.db", &f->watch, NULL), FSE_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    fse_watch_close(&f->watch);
    assert_null(f->watch);
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static bool stop_soon(void *user)
{
    return ++((fixture *)user)->asked >= 5;
}

static void expect(fixture *f, bool noticed)
{
    f->asked = 0;
    assert_int_equal(fse_watch_wait(f->watch, 50, 2000, stop_soon, f, NULL),
                     noticed ? FSE_OK : FSE_ECANCELLED);
}

static void test_changes(void **state)
{
    static const char *const changes[] = {
        "echo x > a/b/new.jpg", "echo y >> a/b/new.jpg", "touch a/b/new.jpg", "chmod 600 a/b/new.jpg",
        "mv a/b/new.jpg a/other.jpg", "ln a/other.jpg link.jpg", "rm a/other.jpg link.jpg",
        "touch a/.nomedia", "rm a/.nomedia", "mkdir c", "mv c a/d", "rmdir a/d"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        run(*state, changes[i]);
        expect(*state, true);
    }
}

static void test_no_changes(void **state)
{
    expect(*state, false);
    run(*state, "echo x > .hidden/x.jpg; echo x > @eaDir/x.jpg; echo x > .x.jpg; echo x > my.db-wal;"
                "ls a >/dev/null; ls -R . > /dev/null");
    expect(*state, false);
}

/* Also what is made in a new folder before it could be watched, and after. */
static void test_new_folders(void **state)
{
    run(*state, "mkdir -p c/d/e; echo x > c/d/e/x.jpg");
    expect(*state, true);
    run(*state, "echo y >> c/d/e/x.jpg");
    expect(*state, true);
    run(*state, "mv c a/c; mkdir a/c/d/f");
    expect(*state, true);
    run(*state, "echo y > a/c/d/f/x.jpg");
    expect(*state, true);
}

static void write_often(const fixture *f, int count)
{
    char paths[2][128];
    for (int i = 0; i < 2; i++)
        snprintf(paths[i], sizeof paths[i], "%s/a/%d.jpg", f->folder, i);
    for (int i = 0; i < count; i++) {
        FILE *file = fopen(paths[i % 2], "w"); /* in turn: equal events would become one */
        assert_non_null(file);
        fclose(file);
    }
}

/* Events are lost, among them that of a new folder: it is watched all the same. */
static void test_overflow(void **state)
{
    fixture *f = *state;
    int queue = 0;
    FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    if (!limit || fscanf(limit, "%d", &queue) != 1 || queue > 100000)
        skip();
    fclose(limit);
    write_often(f, queue + 10);
    run(f, "mkdir -p a/b/lost");
    expect(f, true);
    expect(f, false);
    run(f, "echo x > a/b/lost/x.jpg");
    expect(f, true);
}

/* Without quiet it returns after most_ms. */
static void test_most(void **state)
{
    fixture *f = *state;
    struct timespec start, end;
    run(f, "(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo x >> a/x.jpg; sleep 0.1; done) &");
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(fse_watch_wait(f->watch, 500, 700, NULL, NULL, NULL), FSE_OK);
    clock_gettime(CLOCK_MONOTONIC, &end);
    const double seconds =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    assert_true(seconds >= 0.65 && seconds < 1.4);
    run(f, "sleep 1");
}

static void test_errors(void **state)
{
    (void)state;
    fse_watch *watch = NULL;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_watch_open("missing", NULL, &watch, &error), FSE_ENOENT);
    assert_string_equal(error.subject, "missing");
    assert_null(watch);
    assert_int_equal(fse_watch_open(NULL, NULL, &watch, &error), FSE_EINVAL);
    assert_int_equal(fse_watch_wait(NULL, 1, 2, NULL, NULL, &error), FSE_EINVAL);
    fse_watch_close(&watch);
    fse_watch_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_new_folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_overflow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_most, set_up, tear_down),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
