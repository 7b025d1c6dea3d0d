/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/path.h"

/* Each test runs in a scratch folder of its own, which is empty at first. */
typedef struct scratch {
    char folder[64];
    char *before;
} scratch;

static int enter_scratch(void **state)
{
    scratch *s = fse_alloc(1, sizeof *s);
    strcpy(s->folder, "/tmp/facesearch-test-XXXXXX");
    s->before = getcwd(NULL, 0);
    *state = s;
    return !s->before || !mkdtemp(s->folder) || chdir(s->folder) != 0;
}

static int leave_scratch(void **state)
{
    static const char *const names[] = {"file", "folder", "pipe", "socket",
                                        "link", "loop",   "empty"};
    scratch *s = *state;
    for (size_t i = 0; i < FSE_COUNT(names); i++)
        remove(names[i]);
    const int failed = chdir(s->before) != 0 || rmdir(s->folder) != 0;
    free(s->before);
    free(s);
    return failed;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void joining(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name, *path;
    } cases[] = {
        {"a", "b", "a/b"},     {"a/", "b", "a/b"},
        {"a//", "b", "a/b"},   {"/", "b", "/b"},
        {"//", "b", "/b"},     {"", "b", "b"},
        {".", "b", "./b"},     {"/a/b", "c d", "/a/b/c d"},
        {"a", "b/c", "a/b/c"}, {"\xff", "\n", "\xff/\n"},
        {"a", "", "a/"},
    };
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        char *path = fse_path_join(cases[i].folder, cases[i].name);
        assert_string_equal(path, cases[i].path);
        free(path);
    }
}

static void the_name_of_a_path(void **state)
{
    (void)state;
    assert_string_equal(fse_path_name("a/b/c.jpg"), "c.jpg");
    assert_string_equal(fse_path_name("c.jpg"), "c.jpg");
    assert_string_equal(fse_path_name("/c"), "c");
    assert_string_equal(fse_path_name("a/"), "");
    assert_string_equal(fse_path_name(""), "");
}

static void folders(void **state)
{
    (void)state;
    write_file("file", "x", 1);
    assert_int_equal(symlink(".", "link"), 0);
    assert_true(fse_path_is_folder("."));
    assert_true(fse_path_is_folder("link"));
    assert_false(fse_path_is_folder("file"));
    assert_false(fse_path_is_folder("absent"));
    assert_false(fse_path_is_folder(""));
}

/* Sets or, if value is NULL, removes a variable. */
static void set_variable(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void the_data_folder(void **state)
{
    (void)state;
    static const struct {
        const char *data, *home, *path;
    } cases[] = {
        {"/d", "/h", "/d/facesearch"},
        {"/d", NULL, "/d/facesearch"},
        {NULL, "/h", "/h/.local/share/facesearch"},
        {"", "/h", "/h/.local/share/facesearch"},
        {"relative", "/h", "/h/.local/share/facesearch"},
        {NULL, NULL, NULL},
        {NULL, "", NULL},
        {"relative", "relative", NULL},
    };
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        set_variable("XDG_DATA_HOME", cases[i].data);
        set_variable("HOME", cases[i].home);
        fse_error error = {.status = FSE_OK};
        char *path = NULL;
        const fse_status status = fse_path_user_data(&path, &error);
        if (cases[i].path) {
            assert_int_equal(status, FSE_OK);
            assert_string_equal(path, cases[i].path);
        } else {
            assert_int_equal(status, FSE_ENOENT);
            assert_null(path);
            assert_non_null(strstr(error.message, "HOME"));
        }
        free(path);
    }
}

static void the_program_folder_holds_the_program(void **state)
{
    (void)state;
    char *folder = NULL;
    assert_int_equal(fse_path_program_folder(&folder, NULL), FSE_OK);
    char *program = fse_path_join(folder, "test_base_path");
    assert_int_equal(access(program, X_OK), 0);
    free(program);
    free(folder);
}

static void a_regular_file_opens(void **state)
{
    (void)state;
    write_file("file", "content", 7);
    assert_int_equal(symlink("file", "link"), 0);
    static const char *const paths[] = {"file", "link"};
    for (size_t i = 0; i < FSE_COUNT(paths); i++) {
        int fd = -1;
        uint64_t size = 0;
        char bytes[8] = "";
        assert_int_equal(fse_open_regular(paths[i], &fd, &size, NULL), FSE_OK);
        assert_int_equal(size, 7);
        assert_int_equal(read(fd, bytes, sizeof bytes), 7);
        assert_string_equal(bytes, "content");
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        close(fd);
    }
}

static void bind_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    bind_socket("socket");
    static const struct {
        const char *path;
        fse_status status;
        const char *word;
    } cases[] = {
        {"folder", FSE_EIMAGE, "a folder"}, {"pipe", FSE_EIMAGE, "a named pipe"},
        {"socket", FSE_EIMAGE, "a socket"}, {"/dev/null", FSE_EIMAGE, "a device"},
        {"absent", FSE_ENOENT, "No such"},  {"loop", FSE_EIO, "symbolic links"},
        {"", FSE_ENOENT, "No such"},        {"/dev/null/x", FSE_ENOENT, "Not a directory"},
    };
    alarm(20); /* opening a pipe would wait for ever */
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        fse_error error = {.status = FSE_OK};
        int fd = 5;
        uint64_t size;
        assert_int_equal(fse_open_regular(cases[i].path, &fd, &size, &error), cases[i].status);
        assert_int_equal(fd, -1);
        assert_string_equal(error.subject, cases[i].path);
        assert_non_null(strstr(error.message, cases[i].word));
    }
    alarm(0);
}

#define NOBODY 65534

static void an_unreadable_file_is_refused(void **state)
{
    (void)state;
    write_file("file", "x", 1);
    assert_int_equal(chmod("file", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    const uid_t user = geteuid();
    if (user == 0) /* root may read everything */
        assert_int_equal(seteuid(NOBODY), 0);
    int fd;
    uint64_t size;
    const fse_status status = fse_open_regular("file", &fd, &size, NULL);
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(status, FSE_EACCES);
}

static void files_are_read_whole(void **state)
{
    (void)state;
    const char bytes[] = {'a', 0, '\xff', '\n', 'b'};
    write_file("file", bytes, sizeof bytes);
    write_file("empty", "", 0);
    char *data = NULL;
    size_t size = 0;
    assert_int_equal(fse_read_file("file", sizeof bytes, &data, &size, NULL), FSE_OK);
    assert_int_equal(size, sizeof bytes);
    assert_memory_equal(data, bytes, sizeof bytes);
    assert_int_equal(data[size], 0);
    free(data);
    assert_int_equal(fse_read_file("empty", 0, &data, &size, NULL), FSE_OK);
    assert_int_equal(size, 0);
    assert_string_equal(data, "");
    free(data);
}

static void files_over_the_limit_are_refused(void **state)
{
    (void)state;
    write_file("file", "12345", 5);
    fse_error error = {.status = FSE_OK};
    char *data = (char *)&error;
    size_t size;
    assert_int_equal(fse_read_file("file", 4, &data, &size, &error), FSE_ELIMIT);
    assert_null(data);
    assert_string_equal(error.subject, "file");
    assert_non_null(strstr(error.message, "4 bytes"));
    assert_int_equal(fse_read_file("absent", 4, &data, &size, &error), FSE_ENOENT);
    assert_null(data);
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, enter_scratch, leave_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining),
        cmocka_unit_test(the_name_of_a_path),
        SCRATCH_TEST(folders),
        cmocka_unit_test(the_data_folder),
        cmocka_unit_test(the_program_folder_holds_the_program),
        SCRATCH_TEST(a_regular_file_opens),
        SCRATCH_TEST(what_is_no_file_is_named),
        SCRATCH_TEST(an_unreadable_file_is_refused),
        SCRATCH_TEST(files_are_read_whole),
        SCRATCH_TEST(files_over_the_limit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
