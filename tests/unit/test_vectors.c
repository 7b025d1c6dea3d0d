/* SPDX-License-Identifier: Apache-2.0 */
/* The vector file: what is written is read, whatever happens to the file in between. */
#include "search/vectors.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "search/similarity.h"
#include "support/random.h"

static const char contract[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char other_contract[] =
    "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

enum { DIM = 70, MAX_ROWS = 20000 };

typedef struct world {
    char folder[64];
    char path[96];
    uint16_t (*halves)[DIM];
    fse_face_facts *facts;
    float probe[DIM];
} world;

static void make_embedding(uint64_t *seed, uint16_t halves[DIM])
{
    double v[DIM];
    double squares = 0;
    for (size_t i = 0; i < DIM; i++) {
        v[i] = random_bell(seed);
        squares += v[i] * v[i];
    }
    for (size_t i = 0; i < DIM; i++) {
        const float value = (float)(v[i] / sqrt(squares));
        fse_halves_from_floats(&value, 1, &halves[i]);
    }
}

static int make_world(void **state)
{
    world *w = calloc(1, sizeof *w);
    uint64_t seed = 21;
    strcpy(w->folder, "vectors-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/vectors", w->folder);
    w->halves = calloc(MAX_ROWS, sizeof *w->halves);
    w->facts = calloc(MAX_ROWS, sizeof *w->facts);
    for (size_t i = 0; i < MAX_ROWS; i++) {
        make_embedding(&seed, w->halves[i]);
        w->facts[i] = (fse_face_facts){.face_id = random_next(&seed),
                                       .photo_id = random_next(&seed),
                                       .time = (int64_t)random_next(&seed),
                                       .number = (uint32_t)random_next(&seed),
                                       .size = (float)i};
    }
    uint16_t halves[DIM];
    make_embedding(&seed, halves);
    fse_floats_from_halves(halves, DIM, w->probe);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    world *w = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    free(w->halves);
    free(w->facts);
    free(w);
    return 0;
}

static void add(const world *w, fse_vectors_writer *writer, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        assert_int_equal(fse_vectors_add(writer, &w->facts[i], w->halves[i], NULL), FSE_OK);
}

static void create(const world *w, size_t count, uint64_t generation)
{
    fse_vectors_writer *writer;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_vectors_create(w->path, contract, DIM, &writer, &error), FSE_OK);
    add(w, writer, 0, count);
    assert_int_equal(fse_vectors_publish(writer, generation, &error), FSE_OK);
    fse_vectors_writer_free(&writer);
    assert_null(writer);
}

static void extend(const world *w, size_t first, size_t count, uint64_t generation)
{
    fse_vectors_writer *writer;
    assert_int_equal(fse_vectors_append(w->path, contract, DIM, &writer, NULL), FSE_OK);
    add(w, writer, first, count);
    assert_int_equal(fse_vectors_publish(writer, generation, NULL), FSE_OK);
    fse_vectors_writer_free(&writer);
}

static fse_vectors *open_vectors(const world *w, fse_vectors_access access)
{
    fse_vectors *v;
    fse_error error = {.status = FSE_OK};
    if (fse_vectors_open(w->path, contract, DIM, access, &v, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return v;
}

static fse_status scan(const world *w, const fse_vectors *v, size_t top, fse_scan_result *result,
                       fse_error *error)
{
    const fse_kernel *kernel;
    assert_int_equal(fse_kernel_choose(&kernel, NULL), FSE_OK);
    const fse_scan_query query = {.probes = w->probe, .probe_count = 1, .top = top};
    return fse_scan_rows(fse_vectors_rows(v), &query, 1, kernel, 2, result, error);
}

static float score_of(const world *w, size_t row)
{
    float values[DIM];
    fse_floats_from_halves(w->halves[row], DIM, values);
    return fse_score(w->probe, values, DIM);
}

/* All rows below count but those where removed says so, with their scores. */
static void check_contents(const world *w, const fse_vectors *v, size_t count,
                           bool (*removed)(size_t row))
{
    bool *seen = calloc(count + 1, sizeof *seen);
    fse_scan_result result;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(scan(w, v, 0, &result, &error), FSE_OK);
    size_t wanted = 0;
    for (size_t row = 0; row < count; row++) {
        assert_memory_equal(fse_vectors_facts(v, row), &w->facts[row], sizeof w->facts[row]);
        wanted += !removed || !removed(row);
    }
    assert_int_equal(result.count, wanted);
    for (size_t i = 0; i < result.count; i++) {
        const fse_found_row *found = &result.rows[i];
        assert_true(found->row < count && !seen[found->row]);
        assert_false(removed && removed(found->row));
        assert_true(found->score == score_of(w, found->row));
        seen[found->row] = true;
    }
    free(result.rows);
    free(seen);
}

static const fse_vectors_access accesses[] = {FSE_VECTORS_READ, FSE_VECTORS_MAP};

static void what_is_written_is_read(void **state)
{
    const world *w = *state;
    static const size_t counts[] = {0, 1, 2, 63, 64, 65, 1000, 8192, 8193, MAX_ROWS};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (size_t k = 0; k < 2; k++) {
            create(w, counts[i], 40 + i);
            fse_vectors *v = open_vectors(w, accesses[k]);
            const fse_vectors_state s = fse_vectors_describe(v);
            assert_int_equal(s.rows, counts[i]);
            assert_int_equal(s.generation, 40 + i);
            assert_int_equal(s.removed, 0);
            assert_false(s.is_worn);
            assert_int_equal(fse_vectors_verify(v, NULL), FSE_OK);
            check_contents(w, v, counts[i], NULL);
            fse_vectors_close(&v);
            assert_null(v);
        }
    struct stat info;
    assert_int_equal(stat(w->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static bool every_third(size_t row)
{
    return row % 3 == 1;
}

static void removed_rows_are_found_no_more(void **state)
{
    const world *w = *state;
    create(w, 15000, 1);
    fse_vectors *before = open_vectors(w, FSE_VECTORS_MAP);
    fse_vectors_writer *writer;
    assert_int_equal(fse_vectors_append(w->path, contract, DIM, &writer, NULL), FSE_OK);
    add(w, writer, 15000, 2000);
    for (size_t row = 0; row < 17000; row++)
        if (every_third(row))
            assert_int_equal(fse_vectors_remove(writer, row, NULL), FSE_OK);
    assert_int_equal(fse_vectors_remove(writer, 1, NULL), FSE_OK); /* twice is once */
    assert_int_equal(fse_vectors_remove(writer, 17000, NULL), FSE_EINVAL);
    assert_int_equal(fse_vectors_publish(writer, 2, NULL), FSE_OK);
    fse_vectors_writer_free(&writer);
    fse_vectors *v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 17000, every_third);
    check_contents(w, before, 15000, NULL);
    assert_int_equal(fse_vectors_describe(v).removed, 5667);
    assert_true(fse_vectors_describe(v).is_worn);
    assert_int_equal(fse_vectors_verify(v, NULL), FSE_OK);
    fse_vectors_close(&before);
    fse_vectors_close(&v);
}

static void readers_keep_what_they_opened(void **state)
{
    const world *w = *state;
    create(w, 300, 1);
    fse_vectors *first[2] = {open_vectors(w, FSE_VECTORS_READ), open_vectors(w, FSE_VECTORS_MAP)};
    for (size_t i = 1; i <= 5; i++)
        extend(w, 300 * i, 300, 1 + i);
    fse_vectors *second = open_vectors(w, FSE_VECTORS_MAP);
    create(w, 10, 7); /* another file in its place */
    fse_vectors *third = open_vectors(w, FSE_VECTORS_READ);
    for (size_t i = 0; i < 2; i++) {
        check_contents(w, first[i], 300, NULL);
        assert_int_equal(fse_vectors_describe(first[i]).generation, 1);
        fse_vectors_close(&first[i]);
    }
    check_contents(w, second, 1800, NULL);
    assert_int_equal(fse_vectors_describe(second).segments, 6);
    check_contents(w, third, 10, NULL);
    fse_vectors_close(&second);
    fse_vectors_close(&third);
}

static void many_small_segments_wear_it_out(void **state)
{
    const world *w = *state;
    create(w, 1, 1);
    for (size_t i = 1; i < 70; i++)
        extend(w, i, 1, 1 + i);
    fse_vectors *v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 70, NULL);
    assert_true(fse_vectors_describe(v).is_worn);
    fse_vectors_close(&v);
}

static void what_is_not_published_never_was(void **state)
{
    const world *w = *state;
    create(w, 500, 1);
    fse_vectors_writer *writer;
    assert_int_equal(fse_vectors_append(w->path, contract, DIM, &writer, NULL), FSE_OK);
    add(w, writer, 500, 9000); /* a segment is written behind the end */
    fse_vectors_writer_free(&writer);
    fse_vectors *v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 500, NULL);
    fse_vectors_close(&v);
    extend(w, 500, 20, 2); /* over what was left */
    v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 520, NULL);
    assert_int_equal(fse_vectors_verify(v, NULL), FSE_OK);
    fse_vectors_close(&v);
    assert_int_equal(fse_vectors_create(w->path, contract, DIM, &writer, NULL), FSE_OK);
    fse_vectors_writer *second;
    assert_int_equal(fse_vectors_create(w->path, contract, DIM, &second, NULL), FSE_EIO);
    add(w, writer, 0, 10);
    fse_vectors_writer_free(&writer);
    char temporary[128];
    snprintf(temporary, sizeof temporary, "%s.new", w->path);
    assert_int_not_equal(access(temporary, F_OK), 0);
    v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 520, NULL);
    fse_vectors_close(&v);
}

/* ---- Damage ---- */

static char *read_bytes(const world *w, size_t *size)
{
    char *bytes;
    assert_int_equal(fse_read_file(w->path, 1 << 30, &bytes, size, NULL), FSE_OK);
    return bytes;
}

static void write_bytes(const world *w, const char *bytes, size_t size)
{
    FILE *file = fopen(w->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void a_torn_header_leaves_the_one_before(void **state)
{
    const world *w = *state;
    create(w, 100, 1);
    extend(w, 100, 100, 2);
    size_t size;
    char *bytes = read_bytes(w, &size);
    memset(bytes + 80, 0x55, 40); /* sequence 2 lies at 0 */
    write_bytes(w, bytes, size);
    fse_vectors *v = open_vectors(w, FSE_VECTORS_READ);
    check_contents(w, v, 100, NULL);
    assert_int_equal(fse_vectors_describe(v).generation, 1);
    fse_vectors_close(&v);
    free(bytes);
}

static void a_cut_file_is_never_opened(void **state)
{
    const world *w = *state;
    create(w, 130, 1);
    size_t size;
    char *bytes = read_bytes(w, &size);
    for (size_t length = 0; length < size; length += 1 + length / 7) {
        write_bytes(w, bytes, length);
        for (size_t k = 0; k < 2; k++) {
            fse_vectors *v;
            fse_error error = {.status = FSE_OK};
            assert_int_equal(fse_vectors_open(w->path, contract, DIM, accesses[k], &v, &error),
                             FSE_ECORRUPT);
            assert_null(v);
            assert_non_null(strstr(error.message, "made anew"));
        }
        fse_vectors_writer *writer;
        assert_int_equal(fse_vectors_append(w->path, contract, DIM, &writer, NULL), FSE_ECORRUPT);
    }
    free(bytes);
}

static void flipped_bits_are_noticed(void **state)
{
    const world *w = *state;
    create(w, 90, 1);
    fse_vectors_writer *writer;
    assert_int_equal(fse_vectors_append(w->path, contract, DIM, &writer, NULL), FSE_OK);
    assert_int_equal(fse_vectors_remove(writer, 5, NULL), FSE_OK);
    assert_int_equal(fse_vectors_publish(writer, 2, NULL), FSE_OK);
    fse_vectors_writer_free(&writer);
    size_t size;
    char *bytes = read_bytes(w, &size);
    uint64_t seed = 31;
    for (int round = 0; round < 3000; round++) {
        /* Half of them where they hurt. */
        const size_t at = round % 2 ? random_below(&seed, size)
                          : round % 4 ? random_below(&seed, 200)
                                      : 4096 + random_below(&seed, 128);
        const char flip = (char)(1 << random_below(&seed, 8));
        bytes[at] ^= flip;
        write_bytes(w, bytes, size);
        fse_vectors *v;
        fse_status status = fse_vectors_open(w->path, contract, DIM, accesses[round / 4 % 2], &v, NULL);
        if (status == FSE_OK) {
            const bool older = fse_vectors_describe(v).generation == 1;
            fse_scan_result result;
            status = scan(w, v, 3, &result, NULL);
            assert_true(status == FSE_OK || status == FSE_ECORRUPT);
            free(result.rows);
            /* The headers' padding is nobody's, and a bad new header leaves the old one. */
            assert_true(older || at < 4096 || fse_vectors_verify(v, NULL) == FSE_ECORRUPT);
        } else {
            assert_int_equal(status, FSE_ECORRUPT);
        }
        fse_vectors_close(&v);
        bytes[at] ^= flip;
    }
    free(bytes);
}

static void files_of_others_are_not_searched(void **state)
{
    const world *w = *state;
    fse_vectors *v;
    fse_vectors_writer *writer;
    create(w, 10, 1);
    assert_int_equal(fse_vectors_open(w->path, other_contract, DIM, FSE_VECTORS_READ, &v, NULL),
                     FSE_ECORRUPT);
    assert_int_equal(fse_vectors_open(w->path, contract, DIM + 1, FSE_VECTORS_READ, &v, NULL),
                     FSE_ECORRUPT);
    assert_int_equal(fse_vectors_open(w->folder, contract, DIM, FSE_VECTORS_READ, &v, NULL),
                     FSE_ECORRUPT);
    assert_int_equal(fse_vectors_open("vectors-of-nobody", contract, DIM, FSE_VECTORS_READ, &v, NULL),
                     FSE_ENOENT);
    assert_int_equal(fse_vectors_append(w->path, other_contract, DIM, &writer, NULL), FSE_ECORRUPT);
    assert_int_equal(fse_vectors_append("vectors-of-nobody", contract, DIM, &writer, NULL),
                     FSE_ENOENT);
    assert_int_equal(fse_vectors_create(w->path, "short", DIM, &writer, NULL), FSE_EINVAL);
    assert_int_equal(fse_vectors_create("no/such/folder/v", contract, DIM, &writer, NULL),
                     FSE_ENOENT);
}

static void what_is_no_embedding_is_refused(void **state)
{
    const world *w = *state;
    fse_vectors_writer *writer;
    uint16_t halves[DIM] = {0x7e00};
    assert_int_equal(fse_vectors_create(w->path, contract, DIM, &writer, NULL), FSE_OK);
    assert_int_equal(fse_vectors_add(writer, &w->facts[0], halves, NULL), FSE_EFACE);
    halves[0] = 0x4000; /* 2 */
    assert_int_equal(fse_vectors_add(writer, &w->facts[0], halves, NULL), FSE_EFACE);
    fse_vectors_writer_free(&writer);
}

/* ---- A file that is cut while it is open ---- */

static void a_file_that_gets_shorter_ends_the_search(void **state)
{
    const world *w = *state;
    for (size_t k = 0; k < 2; k++) {
        create(w, MAX_ROWS, 1);
        fse_vectors *v = open_vectors(w, accesses[k]);
        fse_scan_result result;
        fse_error error = {.status = FSE_OK};
        for (off_t length = 4 << 20; length >= 0; length = length > 0 ? length / 16 : -1) {
            assert_int_equal(truncate(w->path, length), 0);
            assert_int_equal(scan(w, v, 0, &result, &error), FSE_ECORRUPT);
            assert_null(result.rows);
            assert_string_equal(error.subject, w->path);
        }
        fse_vectors_close(&v);
    }
}

typedef struct cutter {
    const char *path;
    off_t length;
    atomic_bool stop;
} cutter;

/* Cut and restore the length, over and over: the rows behind become zeros. */
static void *cut(void *argument)
{
    cutter *c = argument;
    uint64_t seed = 41;
    while (!atomic_load(&c->stop)) {
        assert_int_equal(truncate(c->path, (off_t)random_below(&seed, (uint64_t)c->length)), 0);
        assert_int_equal(truncate(c->path, c->length), 0);
    }
    return NULL;
}

/* At any moment, too; the rest of the rows may be zeros, which is no harm to the process. */
static void reading_survives_a_file_that_is_cut_at_any_moment(void **state)
{
    const world *w = *state;
    create(w, MAX_ROWS, 1);
    struct stat info;
    assert_int_equal(stat(w->path, &info), 0);
    fse_vectors *v = open_vectors(w, FSE_VECTORS_READ);
    cutter c = {.path = w->path, .length = info.st_size};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cut, &c), 0);
    for (int i = 0; i < 100; i++) {
        fse_scan_result result;
        const fse_status status = scan(w, v, 100, &result, NULL);
        assert_true(status == FSE_OK || status == FSE_ECORRUPT);
        free(result.rows);
    }
    atomic_store(&c.stop, true);
    pthread_join(thread, NULL);
    fse_vectors_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(removed_rows_are_found_no_more),
        cmocka_unit_test(readers_keep_what_they_opened),
        cmocka_unit_test(many_small_segments_wear_it_out),
        cmocka_unit_test(what_is_not_published_never_was),
        cmocka_unit_test(a_torn_header_leaves_the_one_before),
        cmocka_unit_test(a_cut_file_is_never_opened),
        cmocka_unit_test(flipped_bits_are_noticed),
        cmocka_unit_test(files_of_others_are_not_searched),
        cmocka_unit_test(what_is_no_embedding_is_refused),
        cmocka_unit_test(a_file_that_gets_shorter_ends_the_search),
        cmocka_unit_test(reading_survives_a_file_that_is_cut_at_any_moment),
    };
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
