/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/lock.h"

/* A scratch folder with the path of a lock file in it. */
typedef struct scratch {
    char folder[64], path[80];
    fse_error error;
} scratch;

static int enter(void **state)
{
    scratch *s = fse_alloc(1, sizeof *s);
    strcpy(s->folder, "/tmp/facesearch-test-XXXXXX");
    *state = s;
    if (!mkdtemp(s->folder))
        return -1;
    snprintf(s->path, sizeof s->path, "%s/lock", s->folder);
    return 0;
}

static int leave(void **state)
{
    scratch *s = *state;
    unlink(s->path);
    const int failed = rmdir(s->folder);
    free(s);
    return failed;
}

static void one_holder_at_a_time(void **state)
{
    scratch *s = *state;
    fse_lock *first, *second;
    fse_lock_holder holder;
    struct stat info;
    bool held;
    assert_int_equal(fse_lock_look(s->path, &held, &holder, &s->error), FSE_OK);
    assert_false(held);
    assert_int_equal(fse_lock_take(s->path, &first, NULL, &s->error), FSE_OK);
    assert_int_equal(stat(s->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(fse_lock_take(s->path, &second, &holder, &s->error), FSE_ELOCKED);
    assert_null(second);
    assert_int_equal(holder.pid, getpid());
    assert_in_range(holder.since, time(NULL) - 5, time(NULL) + 1);
    assert_true(holder.host[0] != '\0');
    char pid[32];
    snprintf(pid, sizeof pid, "process %d on ", (int)getpid());
    assert_non_null(strstr(s->error.message, pid));
    assert_string_equal(s->error.subject, s->path);
    assert_int_equal(fse_lock_look(s->path, &held, &holder, &s->error), FSE_OK);
    assert_true(held);
    assert_int_equal(holder.pid, getpid());
    fse_lock_release(&first);
    assert_null(first);
    fse_lock_release(&first);
    fse_lock_release(NULL);
    assert_int_equal(fse_lock_look(s->path, &held, &holder, &s->error), FSE_OK);
    assert_false(held);
    assert_int_equal(holder.pid, 0);
    assert_int_equal(fse_lock_take(s->path, &second, NULL, &s->error), FSE_OK);
    fse_lock_release(&second);
}

static void a_killed_process_holds_nothing(void **state)
{
    scratch *s = *state;
    int ready[2];
    char byte;
    fse_lock *lock;
    fse_lock_holder holder;
    bool held;
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (fse_lock_take(s->path, &lock, NULL, NULL) == FSE_OK)
            (void)!write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(fse_lock_take(s->path, &lock, &holder, &s->error), FSE_ELOCKED);
    assert_int_equal(holder.pid, child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(fse_lock_look(s->path, &held, &holder, &s->error), FSE_OK);
    assert_false(held);
    assert_int_equal(fse_lock_take(s->path, &lock, &holder, &s->error), FSE_OK);
    fse_lock_release(&lock);
    close(ready[0]);
    close(ready[1]);
}

static void opening_the_file_elsewhere_does_not_drop_the_lock(void **state)
{
    scratch *s = *state;
    fse_lock *lock, *other;
    assert_int_equal(fse_lock_take(s->path, &lock, NULL, &s->error), FSE_OK);
    fclose(fopen(s->path, "r")); /* would drop a lock of the older kind */
    assert_int_equal(fse_lock_take(s->path, &other, NULL, &s->error), FSE_ELOCKED);
    fse_lock_release(&lock);
}

/* What is in the file informs only; whatever it is, it harms nothing. */
static void odd_contents(void **state)
{
    static const char *const texts[] = {
        "",
        "1",
        "x y z\n",
        "12 34 host",
        "99999999999999999999 1 h\n",
        "1 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
    };
    scratch *s = *state;
    for (size_t i = 0; i < FSE_COUNT(texts); i++) {
        fse_lock *lock, *other;
        fse_lock_holder holder;
        assert_int_equal(fse_lock_take(s->path, &lock, NULL, &s->error), FSE_OK);
        FILE *file = fopen(s->path, "w");
        fputs(texts[i], file);
        fclose(file);
        assert_int_equal(fse_lock_take(s->path, &other, &holder, &s->error), FSE_ELOCKED);
        assert_true(strlen(holder.host) < sizeof holder.host);
        assert_non_null(strstr(s->error.message, "locked by "));
        fse_lock_release(&lock);
    }
}

static void what_cannot_be_a_lock_file(void **state)
{
    scratch *s = *state;
    fse_lock *lock;
    fse_lock_holder holder;
    bool held;
    assert_int_equal(fse_lock_take("/nonexistent/lock", &lock, NULL, &s->error), FSE_ENOENT);
    assert_null(lock);
    assert_int_equal(symlink("/tmp/elsewhere", s->path), 0);
    assert_int_equal(fse_lock_take(s->path, &lock, NULL, &s->error), FSE_EIO);
    assert_int_equal(fse_lock_look(s->path, &held, &holder, &s->error), FSE_EIO);
    unlink(s->path);
    assert_int_equal(fse_lock_take(s->folder, &lock, NULL, &s->error), FSE_EIO);
}

static void words(void **state)
{
    (void)state;
    char text[160];
    const fse_lock_holder unknown = {0};
    fse_lock_holder holder = {.pid = 12, .since = 1700000000, .host = "box"};
    setenv("TZ", "UTC", 1);
    tzset();
    fse_lock_holder_text(&unknown, text, sizeof text);
    assert_string_equal(text, "by another process");
    fse_lock_holder_text(&holder, text, sizeof text);
    assert_string_equal(text, "by process 12 on box since 2023-11-14 22:13:20");
    holder.since = INT64_MAX; /* no year that fits */
    fse_lock_holder_text(&holder, text, sizeof text);
    assert_string_equal(text, "by another process");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_holder_at_a_time),
        TEST(a_killed_process_holds_nothing),
        TEST(opening_the_file_elsewhere_does_not_drop_the_lock),
        TEST(odd_contents),
        TEST(what_cannot_be_a_lock_file),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
