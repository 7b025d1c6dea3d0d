/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads through the real code, from tests/pull/server.py on loopback. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "models/pull.h"

static struct {
    char folder[64]; /* of the server */
    char port[16];
    pid_t pid;
    int input; /* it ends when this is closed */
} server = {.folder = "/tmp/test_pull_XXXXXX"};

/* --- what a test works with --- */

/* One place to install packs in, new for each test. */
typedef struct bench {
    char root[96];
    char base[64];
    fse_pull_options options;
    fse_error error;
} bench;

static int new_bench(void **state)
{
    bench *b = calloc(1, sizeof *b);
    snprintf(b->root, sizeof b->root, "%s/root_XXXXXX", server.folder);
    if (!b || !mkdtemp(b->root))
        return -1;
    fse_pull_options_init(&b->options);
    b->options.folder = b->root;
    *state = b;
    return 0;
}

static int end_bench(void **state)
{
    free(*state);
    return 0;
}

/* Pull a pack of the server, which behaves as `mode` says. */
static fse_status pull(bench *b, const char *name, const char *mode)
{
    char path[256];
    char *text;
    size_t size;
    fse_manifest *manifest;
    snprintf(path, sizeof path, "%s/%s.json", server.folder, name);
    assert_int_equal(fse_read_file(path, 1 << 20, &text, &size, NULL), FSE_OK);
    assert_int_equal(fse_manifest_parse(text, size, path, &manifest, &b->error), FSE_OK);
    snprintf(b->base, sizeof b->base, "http://127.0.0.1:%s/%s/", server.port, mode);
    b->options.base = b->base;
    b->error = (fse_error){0};
    const fse_status status = fse_pull(manifest, text, size, &b->options, &b->error);
    fse_manifest_free(&manifest);
    free(text);
    return status;
}

/* How many names in a folder; with_end: that end so. */
static int count_files(const char *folder, const char *with_end)
{
    int count = 0;
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    while (listing && (entry = readdir(listing))) {
        const size_t length = strlen(entry->d_name), end = strlen(with_end);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count += length >= end && strcmp(entry->d_name + length - end, with_end) == 0;
    }
    if (listing)
        closedir(listing);
    return count;
}

/* Requests in the server's log that contain a text. */
static int count_requests(const char *text)
{
    char path[256], line[512];
    int count = 0;
    snprintf(path, sizeof path, "%s/requests.log", server.folder);
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log))
        count += strstr(line, text) != NULL;
    if (log)
        fclose(log);
    return count;
}

static void assert_installed(const bench *b, const char *name)
{
    char path[256];
    fse_pack_report report;
    fse_error error = {0};
    snprintf(path, sizeof path, "%s/%s", b->root, name);
    assert_int_equal(count_files(path, ""), 3);
    assert_int_equal(count_files(b->root, ""), 1);
    if (fse_pack_verify(path, &report, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_string_equal(report.name, name);
    assert_int_equal(report.dim, 128);
    assert_int_equal(report.file_count, 2);
    assert_true(report.files[0].ok && report.files[0].expected_known);
}

/* A failed pull leaves no pack, and nothing but so many parts. */
static void assert_nothing_but_parts(const bench *b, int parts)
{
    assert_int_equal(count_files(b->root, ".part"), parts);
    assert_int_equal(count_files(b->root, ""), parts);
}

static void assert_fails(bench *b, const char *name, const char *mode, fse_status status,
                         const char *words)
{
    assert_int_equal(pull(b, name, mode), status);
    assert_int_equal(b->error.status, status);
    if (!strstr(b->error.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, b->error.message);
    assert_nothing_but_parts(b, 0);
}

/* --- what works --- */

static void installs_single_files(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "single", "good"), FSE_OK);
    assert_installed(b, "single");
    const int requests = count_requests("good ");
    assert_int_equal(pull(b, "single", "good"), FSE_OK); /* whole: nothing to do */
    assert_int_equal(count_requests("good "), requests);
}

static void installs_archives(void **state)
{
    static const char *const names[] = {"zipped", "tarred"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(i == 0 ? 0 : new_bench(state), 0);
        assert_int_equal(pull(*state, names[i], "good"), FSE_OK);
        assert_installed(*state, names[i]);
        if (i == 0)
            end_bench(state);
    }
}

static void follows_redirects(void **state)
{
    assert_int_equal(pull(*state, "zipped", "redirects"), FSE_OK);
    assert_installed(*state, "zipped");
}

static void goes_on_after_a_break(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "zipped", "breaks"), FSE_ENETWORK);
    assert_non_null(strstr(b->error.message, "run it again"));
    assert_nothing_but_parts(b, 1);
    assert_int_equal(pull(b, "zipped", "breaks"), FSE_OK);
    assert_installed(b, "zipped");
    assert_int_equal(count_requests("breaks zipped.zip bytes="), 1);
}

static void starts_again_where_ranges_are_ignored(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "zipped", "breaks-ignores-range"), FSE_ENETWORK);
    assert_int_equal(pull(b, "zipped", "breaks-ignores-range"), FSE_OK);
    assert_installed(b, "zipped");
}

static void starts_again_after_a_wrong_range(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "zipped", "breaks-wrong-range"), FSE_ENETWORK);
    assert_int_equal(pull(b, "zipped", "breaks-wrong-range"), FSE_OK);
    assert_installed(b, "zipped");
    assert_int_equal(count_requests("breaks-wrong-range zipped.zip -"), 2);
    assert_int_equal(count_requests("breaks-wrong-range zipped.zip bytes="), 1);
}

static void fetches_anew_what_was_spoilt(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "zipped", "spoils"), FSE_ENETWORK);
    assert_int_equal(pull(b, "zipped", "spoils"), FSE_OK);
    assert_installed(b, "zipped");
}

static void takes_only_what_it_needs_from_an_archive(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "climbing-and-good", "good"), FSE_OK);
    assert_installed(b, "climbing-and-good");
    assert_int_equal(count_files(server.folder, "evil"), 0);
}

static void repairs_a_damaged_pack(void **state)
{
    bench *b = *state;
    char path[256];
    assert_int_equal(pull(b, "single", "redirects"), FSE_OK);
    snprintf(path, sizeof path, "%s/single/rec.onnx", b->root);
    assert_int_equal(truncate(path, 1000), 0);
    const int detectors = count_requests("redirects det.onnx");
    assert_int_equal(pull(b, "single", "redirects"), FSE_OK);
    assert_installed(b, "single");
    assert_int_equal(count_requests("redirects det.onnx"), detectors);
    /* Without the manifest, nothing needs to be fetched. */
    snprintf(path, sizeof path, "%s/single/pack.json", b->root);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(pull(b, "single", "missing"), FSE_OK);
    assert_installed(b, "single");
}

static void keeps_what_others_put_there(void **state)
{
    bench *b = *state;
    char path[256];
    snprintf(path, sizeof path, "%s/single", b->root);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/single/notes.txt", b->root);
    fclose(fopen(path, "w"));
    assert_int_equal(pull(b, "single", "good"), FSE_EIO);
    assert_non_null(strstr(b->error.message, "notes.txt"));
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(count_files(b->root, ""), 1);
}

/* --- what is refused --- */

static void refuses_other_digests(void **state)
{
    assert_fails(*state, "zipped", "lies", FSE_EDIGEST, "SHA-256");
    assert_fails(*state, "swapped", "good", FSE_EDIGEST, "stated");
    assert_fails(*state, "swollen", "good", FSE_EDIGEST, "more than");
    assert_fails(*state, "zipped", "too-long", FSE_EDIGEST, "more than");
    assert_fails(*state, "zipped", "endless", FSE_EDIGEST, "more than");
}

static void refuses_other_addresses(void **state)
{
    bench *b = *state;
    assert_fails(b, "zipped", "redirects-out", FSE_ENETWORK, "not https: http://example.org/");
    assert_fails(b, "zipped", "redirects-to-file", FSE_ENETWORK, "not https");
    assert_fails(b, "zipped", "redirects-to-user", FSE_ENETWORK, "not https");
    assert_fails(b, "zipped", "circles", FSE_ENETWORK, "circles");
}

static void refuses_other_bases(void **state)
{
    static const char *const bases[] = {"http://example.org/",
                                        "ftp://127.0.0.1/",
                                        "file:///tmp/",
                                        "http://127.0.0.1.example.org/",
                                        "http://127.0.0.1@e.org/",
                                        "nonsense",
                                        ""};
    bench *b = *state;
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        b->options.base = bases[i];
        b->options.accept_license = true;
        b->error = (fse_error){0};
        assert_int_equal(fse_pack_pull("buffalo_sc", &b->options, &b->error), FSE_EINVAL);
        assert_string_equal(b->error.subject, bases[i]);
        assert_nothing_but_parts(b, 0);
    }
}

static void says_what_the_server_answered(void **state)
{
    assert_fails(*state, "zipped", "missing", FSE_ENETWORK, "404");
    assert_fails(*state, "zipped", "fails", FSE_ENETWORK, "500");
}

static void refuses_archives_without_the_files(void **state)
{
    assert_fails(*state, "climbing", "good", FSE_EMODEL, "det.onnx");
    assert_fails(*state, "linked", "good", FSE_EMODEL, "det.onnx");
    assert_fails(*state, "no-archive", "good", FSE_EMODEL, "archive");
}

static void asks_for_the_licence(void **state)
{
    bench *b = *state;
    assert_fails(b, "licensed", "good", FSE_ELICENSE, "MIT. Notes.");
    b->options.accept_license = true;
    assert_int_equal(pull(b, "licensed", "good"), FSE_OK);
    assert_installed(b, "licensed");
}

static void a_short_file_can_be_tried_again(void **state)
{
    bench *b = *state;
    assert_int_equal(pull(b, "zipped", "too-short"), FSE_ENETWORK);
    assert_nothing_but_parts(b, 1);
}

static bool stop_at(void *user, const char *file, uint64_t done, uint64_t total)
{
    (void)file;
    assert_true(done <= total);
    return done >= *(const uint64_t *)user;
}

static void stops_when_asked(void **state)
{
    bench *b = *state;
    uint64_t limit = 1;
    b->options.progress = stop_at;
    b->options.user = &limit;
    assert_int_equal(pull(b, "zipped", "good"), FSE_ECANCELLED);
    limit = UINT64_MAX;
    assert_int_equal(pull(b, "zipped", "good"), FSE_OK);
    assert_installed(b, "zipped");
}

static void *pull_in_thread(void *argument)
{
    bench b = *(const bench *)argument;
    b.options.folder = ((const bench *)argument)->root;
    return (void *)(uintptr_t)pull(&b, "single", "good");
}

static void two_at_once_do_it_once(void **state)
{
    pthread_t threads[2];
    void *status;
    const int before = count_requests("good det.onnx");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pull_in_thread, *state), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &status);
        assert_int_equal((uintptr_t)status, FSE_OK);
    }
    assert_installed(*state, "single");
    assert_int_equal(count_requests("good det.onnx"), before + 1);
}

static void unknown_names_and_places(void **state)
{
    bench *b = *state;
    assert_int_equal(fse_pack_pull("nix", &b->options, &b->error), FSE_EINVAL);
    assert_non_null(strstr(b->error.message, "buffalo_l"));
    assert_int_equal(fse_pack_pull("faceplugin", &b->options, &b->error), FSE_EINVAL);
    assert_non_null(strstr(b->error.message, "npm pack"));
    assert_int_equal(fse_pack_pull("buffalo_l", &b->options, &b->error), FSE_ELICENSE);
    assert_int_equal(fse_pack_pull(NULL, &b->options, &b->error), FSE_EINVAL);
    assert_nothing_but_parts(b, 0);
    b->options.folder = "/proc/self/nowhere";
    assert_int_not_equal(pull(b, "single", "good"), FSE_OK);
    b->options.folder = "/dev/null";
    assert_int_not_equal(pull(b, "single", "good"), FSE_OK);
}

/* --- the server --- */

static int start_server(void **state)
{
    (void)state;
    const char *source = getenv("FACESEARCH_SOURCE");
    char script[4096];
    int input[2], output[2];
    snprintf(script, sizeof script, "%s/tests/pull/server.py", source ? source : "..");
    if (!mkdtemp(server.folder) || pipe(input) != 0 || pipe(output) != 0)
        return -1;
    server.pid = fork();
    if (server.pid == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        close(input[1]);
        execlp("python3", "python3", "-W", "ignore", script, server.folder, (char *)NULL);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    server.input = input[1];
    /* A line, which may come in pieces: Python writes it in two where PYTHONUNBUFFERED is set. */
    size_t length = 0;
    while (length < sizeof server.port && read(output[0], &server.port[length], 1) == 1 &&
           server.port[length] != '\n')
        length++;
    close(output[0]);
    if (length == 0 || length == sizeof server.port || server.port[length] != '\n')
        return -1;
    server.port[length] = '\0';
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    char command[128];
    close(server.input);
    waitpid(server.pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf '%s'", server.folder);
    return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bench, end_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(installs_single_files),
        TEST(installs_archives),
        TEST(follows_redirects),
        TEST(goes_on_after_a_break),
        TEST(starts_again_where_ranges_are_ignored),
        TEST(starts_again_after_a_wrong_range),
        TEST(fetches_anew_what_was_spoilt),
        TEST(takes_only_what_it_needs_from_an_archive),
        TEST(repairs_a_damaged_pack),
        TEST(keeps_what_others_put_there),
        TEST(refuses_other_digests),
        TEST(refuses_other_addresses),
        TEST(refuses_other_bases),
        TEST(says_what_the_server_answered),
        TEST(refuses_archives_without_the_files),
        TEST(asks_for_the_licence),
        TEST(a_short_file_can_be_tried_again),
        TEST(stops_when_asked),
        TEST(two_at_once_do_it_once),
        TEST(unknown_names_and_places),
    };
    if (system("python3 -c 'import http.server'") != 0) {
        printf("skipped: there is no python3 to serve downloads\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
