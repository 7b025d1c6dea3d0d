/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 against NIST's test vectors: FIPS 180-4's examples (csrc.nist.gov, "Examples with
 * intermediate values", SHA256.pdf) and the empty message of the CAVP file SHA256ShortMsg.rsp.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/digest.h"

#define MILLION 1000000

static const char million_digest[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static const struct {
    const char *message, *digest;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void assert_digest(const uint8_t sha256[FSE_SHA256_BYTES], const char *expected)
{
    char hex[FSE_SHA256_HEX];
    fse_digest_hex(sha256, hex);
    assert_string_equal(hex, expected);
}

static void known_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(vectors); i++) {
        uint8_t sha256[FSE_SHA256_BYTES];
        assert_int_equal(fse_digest_bytes(vectors[i].message, strlen(vectors[i].message), sha256,
                                          NULL),
                         FSE_OK);
        assert_digest(sha256, vectors[i].digest);
    }
}

static void pieces_of_any_size_give_the_same(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 3, 63, 64, 65, 1000, MILLION};
    char *text = malloc(MILLION);
    assert_non_null(text);
    memset(text, 'a', MILLION);
    for (size_t i = 0; i < FSE_COUNT(pieces); i++) {
        fse_digest *digest;
        uint8_t sha256[FSE_SHA256_BYTES];
        assert_int_equal(fse_digest_new(&digest, NULL), FSE_OK);
        for (size_t done = 0; done < MILLION; done += pieces[i]) {
            const size_t left = MILLION - done;
            assert_int_equal(fse_digest_add(digest, text + done,
                                            left < pieces[i] ? left : pieces[i], NULL),
                             FSE_OK);
        }
        assert_int_equal(fse_digest_end(digest, sha256, NULL), FSE_OK);
        assert_digest(sha256, million_digest);
        fse_digest_free(&digest);
        assert_null(digest);
    }
    free(text);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    fse_digest *digest = NULL;
    fse_digest_free(&digest);
    fse_digest_free(NULL);
}

static void a_file_is_read_whole_and_stays_where_it_was(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    for (int i = 0; i < MILLION; i++)
        putc('a', file);
    assert_int_equal(fflush(file), 0);
    const int fd = fileno(file);
    assert_int_equal(lseek(fd, 12345, SEEK_SET), 12345);

    uint8_t sha256[FSE_SHA256_BYTES];
    uint64_t size = 0;
    assert_int_equal(fse_digest_fd(fd, "f", sha256, &size, NULL), FSE_OK);
    assert_int_equal(size, MILLION);
    assert_digest(sha256, million_digest);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 12345);
    assert_int_equal(fse_digest_fd(fd, "f", sha256, NULL, NULL), FSE_OK);
    fclose(file);
}

static void an_unreadable_file_is_named(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    uint8_t sha256[FSE_SHA256_BYTES];
    const int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fse_digest_fd(fd, "the folder", sha256, NULL, &error), FSE_EIO);
    assert_string_equal(error.subject, "the folder");
    close(fd);
}

static void hex_shows_every_value(void **state)
{
    (void)state;
    for (int first = 0; first < 256; first += FSE_SHA256_BYTES) {
        uint8_t sha256[FSE_SHA256_BYTES];
        char hex[FSE_SHA256_HEX], expected[FSE_SHA256_HEX];
        for (int i = 0; i < FSE_SHA256_BYTES; i++) {
            sha256[i] = (uint8_t)(first + i);
            snprintf(expected + 2 * i, 3, "%02x", sha256[i]);
        }
        fse_digest_hex(sha256, hex);
        assert_string_equal(hex, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_messages),
        cmocka_unit_test(pieces_of_any_size_give_the_same),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(a_file_is_read_whole_and_stays_where_it_was),
        cmocka_unit_test(an_unreadable_file_is_named),
        cmocka_unit_test(hex_shows_every_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
