/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that are killed, that write and read at the same time, and disks that are full. */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/library.h"

enum { DIM = 512, FACES = 2, BATCH = 3 };

static int kills(void)
{
    const char *text = getenv("FACESEARCH_TEST_KILLS");
    return text ? atoi(text) : 20;
}

static fse_status put_one(fse_store *store, int64_t contract, uint64_t seed, fse_error *error)
{
    char name[32];
    const fse_store_analysis analysis = {contract, library_profile(50), seed};
    fse_photo *photo = library_photo(seed, FACES, DIM);
    snprintf(name, sizeof name, "%06d", (int)seed);
    const fse_store_path path = library_path(name, seed);
    fse_status status = fse_store_put_photo(store, &analysis, photo, error);
    if (status == FSE_OK)
        status = fse_store_put_path(store, &path, error);
    free(photo);
    return status;
}

/* Photos batch * BATCH and the next ones, in one batch. */
static fse_status put_batch(fse_store *store, uint64_t batch, fse_error *error)
{
    fse_store_contract contract = {.model = "pack", .dim = DIM};
    memset(contract.contract, 'a', 64);
    fse_status status = fse_store_begin(store, error);
    if (status == FSE_OK)
        status = fse_store_add_contract(store, &contract, error);
    for (uint64_t i = 0; status == FSE_OK && i < BATCH; i++)
        status = put_one(store, contract.id, batch * BATCH + i, error);
    if (status == FSE_OK)
        return fse_store_commit(store, error);
    fse_store_rollback(store);
    return status;
}

static fse_status count_face(void *user, const fse_store_face *face, fse_error *error)
{
    (void)error;
    assert_int_equal(face->dim, DIM);
    ++*(uint64_t *)user;
    return FSE_OK;
}

/* Whole photos only; returns how many batches there are. */
static uint64_t check_whole(library *l, fse_store *store)
{
    fse_store_counts counts;
    uint64_t vectors = 0;
    int64_t contract;
    OK(l, fse_store_snapshot(store, &l->error));
    OK(l,
       fse_store_find_contract(store,
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               &contract, &l->error));
    OK(l, fse_store_count(store, contract, &counts, &l->error));
    OK(l, fse_store_vectors(store, contract, 0, count_face, &vectors, &l->error));
    fse_store_release(store);
    assert_int_equal(counts.paths % BATCH, 0);
    assert_int_equal(counts.photos, counts.paths);
    assert_int_equal(counts.contents, counts.paths);
    assert_int_equal(counts.faces, FACES * counts.photos);
    assert_int_equal(vectors, counts.faces);
    return counts.paths / BATCH;
}

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* ---- Kill -9 ---- */

/* Reports each batch once it is committed. Every so often the whole file is written anew. */
static _Noreturn void write_forever(const char *db, uint64_t batch, int report)
{
    fse_store *store;
    fse_error error;
    if (fse_store_open(db, FSE_STORE_CREATE, &store, &error) != FSE_OK ||
        fse_store_lock(store, NULL, NULL, &error) != FSE_OK)
        _exit(1);
    for (;; batch++) {
        if (put_batch(store, batch, &error) != FSE_OK)
            _exit(2);
        if (write(report, &batch, sizeof batch) != sizeof batch)
            _exit(3);
        if (batch % 16 == 7 && fse_store_scrub(store, &error) != FSE_OK)
            _exit(4);
    }
}

static uint64_t run_and_kill(const char *db, uint64_t batch, long ms)
{
    int report[2], result;
    uint64_t last, committed = batch;
    assert_int_equal(pipe(report), 0);
    const pid_t child = fork();
    if (child == 0)
        write_forever(db, batch, report[1]);
    close(report[1]);
    sleep_ms(ms);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result)); /* and did not fail by itself */
    while (read(report[0], &last, sizeof last) == sizeof last)
        committed = last + 1;
    close(report[0]);
    return committed;
}

static void nothing_committed_is_lost_by_kill(void **state)
{
    library *l = *state;
    uint64_t batches = 0;
    const int rounds = kills();
    srand(1);
    for (int i = 0; i < rounds; i++) {
        const uint64_t reported = run_and_kill(l->db, batches, i == 0 ? 3 : rand() % 120);
        if (reported == 0 && access(l->db, F_OK) != 0)
            continue; /* killed before it came to anything */
        OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
        batches = check_whole(l, l->store);
        fse_store_close(&l->store);
        assert_true(batches >= reported);
        assert_true(batches <= reported + 1); /* committed, but killed before it could say so */
        library_check_sound(l->db);
    }
    print_message("%d kills, %d batches\n", rounds, (int)batches);
    assert_true(batches > 0);
}

/* ---- Several processes ---- */

static _Noreturn void read_until_closed(library *l, int stop)
{
    fse_store *reader;
    uint64_t seen = 0, looks = 0;
    char byte;
    if (fse_store_open(l->db, FSE_STORE_READ, &reader, &l->error) != FSE_OK)
        _exit(1);
    for (;; looks++) {
        const uint64_t batches = check_whole(l, reader);
        if (batches < seen)
            _exit(2);
        seen = batches;
        if (read(stop, &byte, 1) == 0)
            break;
        sleep_ms(5);
    }
    fse_store_close(&reader);
    _exit(looks > 1 ? 0 : 3);
}

static void readers_see_whole_photos_while_others_write(void **state)
{
    enum { READERS = 10 };
    library *l = *state;
    int stop[2];
    pid_t readers[READERS];
    library_create(l);
    OK(l, put_batch(l->store, 0, &l->error));
    fse_store_close(&l->store); /* no connection is carried through a fork */
    assert_int_equal(pipe(stop), 0);
    for (int i = 0; i < READERS; i++) {
        readers[i] = fork();
        if (readers[i] == 0) {
            close(stop[1]);
            fcntl(stop[0], F_SETFL, O_NONBLOCK);
            read_until_closed(l, stop[0]);
        }
    }
    library_create(l);
    for (uint64_t batch = 1; batch < 150; batch++)
        OK(l, put_batch(l->store, batch, &l->error));
    close(stop[1]);
    for (int i = 0; i < READERS; i++) {
        int result;
        assert_int_equal(waitpid(readers[i], &result, 0), readers[i]);
        assert_int_equal(result, 0);
    }
    close(stop[0]);
}

static _Noreturn void hold_lock(library *l, int ready, int until)
{
    char byte;
    OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
    (void)!write(ready, "x", 1);
    (void)!read(until, &byte, 1);
    for (uint64_t batch = 0; batch < 5; batch++)
        OK(l, put_batch(l->store, batch, &l->error));
    fse_store_close(&l->store);
    _exit(0);
}

typedef struct waiting {
    int asked, release;
    int64_t pid;
} waiting;

static bool wait_for_it(void *user, const fse_lock_holder *holder)
{
    waiting *w = user;
    if (w->asked++ == 0)
        w->pid = holder->pid;
    if (w->asked == 2 && w->release >= 0)
        (void)!write(w->release, "x", 1);
    return w->release < 0 && w->asked == 2;
}

static void a_second_writer_waits_and_says_for_whom(void **state)
{
    library *l = *state;
    int ready[2], until[2], result;
    char byte, text[64];
    fse_lock_holder holder;
    bool held;
    assert_int_equal(pipe(ready) | pipe(until), 0);
    const pid_t child = fork();
    if (child == 0)
        hold_lock(l, ready[1], until[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    snprintf(text, sizeof text, "locked by process %d on ", (int)child);
    FAILS(l, FSE_ELOCKED, text, fse_store_lock(l->store, NULL, NULL, &l->error));
    OK(l, fse_store_writer(l->store, &held, &holder, &l->error));
    assert_true(held);
    assert_int_equal(holder.pid, child);
    waiting w = {.release = -1};
    FAILS(l, FSE_ECANCELLED, "waiting", fse_store_lock(l->store, wait_for_it, &w, &l->error));
    w = (waiting){.release = until[1]};
    OK(l, fse_store_lock(l->store, wait_for_it, &w, &l->error));
    assert_int_equal(w.pid, child);
    assert_true(w.asked >= 2);
    OK(l, fse_store_writer(l->store, &held, &holder, &l->error));
    assert_false(held); /* not another handle */
    assert_int_equal(check_whole(l, l->store), 5);
    OK(l, put_batch(l->store, 5, &l->error));
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static void the_lock_of_a_dead_writer_is_free(void **state)
{
    library *l = *state;
    int ready[2], until[2];
    char byte;
    fse_lock_holder holder;
    bool held;
    assert_int_equal(pipe(ready) | pipe(until), 0);
    const pid_t child = fork();
    if (child == 0)
        hold_lock(l, ready[1], until[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    OK(l, fse_store_writer(l->store, &held, &holder, &l->error));
    assert_false(held);
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
}

static void several_may_create_it_at_once(void **state)
{
    enum { CREATORS = 8 };
    library *l = *state;
    pid_t children[CREATORS];
    for (int i = 0; i < CREATORS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
            fse_store_close(&l->store);
            _exit(0);
        }
    }
    for (int i = 0; i < CREATORS; i++) {
        int result;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_int_equal(result, 0);
    }
    library_check_sound(l->db);
}

/* ---- Full disks ---- */

static uint64_t fill_up(library *l, fse_store *store, uint64_t batch)
{
    for (; batch < 100000; batch++) {
        const fse_status status = put_batch(store, batch, &l->error);
        if (status == FSE_OK)
            continue;
        assert_int_equal(status, FSE_EFULL);
        assert_non_null(strstr(l->error.message, "make room"));
        return batch;
    }
    fail_msg("it never was full");
    return 0;
}

/* After that the store is as before the batch, readable, and goes on when there is room again. */
static void check_full(library *l, void (*make_room)(void *), void *context)
{
    const uint64_t batches = fill_up(l, l->store, 0);
    assert_true(batches > 0);
    assert_int_equal(check_whole(l, l->store), batches);
    assert_int_equal(fill_up(l, l->store, batches), batches);
    fse_store *reader;
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &reader, &l->error));
    assert_int_equal(check_whole(l, reader), batches);
    fse_store_close(&reader);
    make_room(context);
    for (uint64_t i = 0; i < 20; i++)
        OK(l, put_batch(l->store, batches + i, &l->error));
    assert_int_equal(check_whole(l, l->store), batches + 20);
    fse_store_close(&l->store);
    library_check_sound(l->db);
}

static void lift_limit(void *context)
{
    (void)context;
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_limit_on_file_sizes(void **state)
{
    library *l = *state;
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    library_create(l);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 2000000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    check_full(l, lift_limit, NULL);
}

static void remove_filler(void *context)
{
    assert_int_equal(unlink(context), 0);
}

/* A small file system, if this process may mount one; in a child, so that it goes with it. */
static void a_full_file_system(void **state)
{
    library *l = *state;
    int result;
    const pid_t child = fork();
    if (child == 0) {
        char filler[96];
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", l->folder, "tmpfs", 0, "size=16m") != 0)
            _exit(77);
        char *zeros = fse_alloc(8 << 20, 1);
        snprintf(filler, sizeof filler, "%s/filler", l->folder);
        library_write(filler, zeros, 8 << 20);
        free(zeros);
        library_create(l);
        check_full(l, remove_filler, filler);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    if (WIFEXITED(result) && WEXITSTATUS(result) == 77) {
        print_message("no file system can be mounted here\n");
        skip();
    }
    assert_int_equal(result, 0);
}

/* Not even the first page fits. */
static void no_room_to_begin_with(void **state)
{
    library *l = *state;
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    FAILS(l, FSE_EFULL, "make room", fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
    lift_limit(NULL);
    OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_committed_is_lost_by_kill),
        TEST(readers_see_whole_photos_while_others_write),
        TEST(a_second_writer_waits_and_says_for_whom),
        TEST(the_lock_of_a_dead_writer_is_free),
        TEST(several_may_create_it_at_once),
        TEST(a_limit_on_file_sizes),
        TEST(a_full_file_system),
        TEST(no_room_to_begin_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
