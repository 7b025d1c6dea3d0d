/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redirects are followed here, hop by hop, so that no hop is taken that fse_fetch_check() would
 * refuse: libcurl's own list of protocols cannot tell this machine from others.
 */
#include "models/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if FSE_WITH_CURL

#include <curl/curl.h>
#include <pthread.h>

#include "base/alloc.h"
#include "facesearch/version.h"

/* As many as browsers follow (RFC 9110 leaves it open; the Fetch standard says 20). */
#define REDIRECTS_MAX 20

/* Seconds. A stalled server is left after a minute; a slow line may take as long as it likes. */
#define CONNECT_TIMEOUT 30L
#define STALL_TIMEOUT 60L
#define STALL_BYTES_PER_SECOND 100L

/* More than any page that comes with a redirect or an error. */
#define IGNORED_MAX ((uint64_t)1 << 20)

typedef struct transfer {
    CURL *curl;
    const fse_download *download;
    const char *name;
    const fse_pull_options *options;
    int fd;
    uint64_t offset;     /* bytes of the file that are there */
    uint64_t asked_from; /* where the request's range begins; 0: no range */
    bool started;        /* the answer's status and range were looked at */
    bool ignored;        /* it is a redirect or an error: its body is not the file */
    uint64_t ignored_bytes;
    bool wrong_range; /* the server answered with a part that was not asked for */
    bool too_long;
    bool cancelled;
    int write_errno;
    char content_range[96];
} transfer;

/* --- addresses --- */

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* What kind of address it is. */
typedef enum address { ADDRESS_HTTPS, ADDRESS_LOCAL_HTTP, ADDRESS_OTHER, ADDRESS_INVALID } address;

static address classify_url(const char *url)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    address kind = ADDRESS_INVALID;
    CURLU *parts = curl_url();
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_USER, &user, 0) != CURLUE_OK)
        kind = strcmp(scheme, "https") == 0                       ? ADDRESS_HTTPS
               : strcmp(scheme, "http") == 0 && is_loopback(host) ? ADDRESS_LOCAL_HTTP
                                                                  : ADDRESS_OTHER;
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parts);
    return kind;
}

fse_status fse_fetch_check(const char *url, fse_error *error)
{
    switch (classify_url(url)) {
    case ADDRESS_HTTPS:
    case ADDRESS_LOCAL_HTTP:
        return FSE_OK;
    case ADDRESS_OTHER:
        return fse_fail(error, FSE_EINVAL, url,
                        "only addresses that begin with https:// are asked (http:// only on this "
                        "machine)");
    default:
        return fse_fail(error, FSE_EINVAL, url, "not an address that can be asked");
    }
}

/* --- callbacks --- */

static size_t on_header(char *bytes, size_t size, size_t count, void *user)
{
    static const char name[] = "content-range:";
    transfer *t = user;
    const size_t length = size * count;
    if (length > sizeof name && curl_strnequal(bytes, name, sizeof name - 1))
        snprintf(t->content_range, sizeof t->content_range, "%.*s",
                 (int)(length - (sizeof name - 1)), bytes + sizeof name - 1);
    return length;
}

/* Whether the part that comes is the one that was asked for (RFC 9110, section 14.4). */
static bool range_fits(const transfer *t)
{
    unsigned long long first, last, total;
    const int fields = sscanf(t->content_range, " bytes %llu-%llu/%llu", &first, &last, &total);
    return fields >= 2 && first == t->asked_from && last < t->download->bytes &&
           (fields == 2 || total == t->download->bytes);
}

/* At the first bytes of an answer: do they go on where the file ends, or is it the whole? */
static bool begin(transfer *t)
{
    long code = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    t->started = true;
    if (code == 206 && t->asked_from > 0) {
        t->wrong_range = !range_fits(t);
        return !t->wrong_range;
    }
    t->ignored = code != 200;
    if (t->ignored)
        return true;
    t->offset = 0;
    t->write_errno = ftruncate(t->fd, 0) == 0 ? 0 : errno;
    return t->write_errno == 0;
}

static size_t on_data(char *bytes, size_t size, size_t count, void *user)
{
    transfer *t = user;
    const size_t length = size * count;
    if (!t->started && !begin(t))
        return 0;
    if (t->ignored) { /* to its end, or libcurl does not tell where a redirect leads */
        t->ignored_bytes += length;
        return t->ignored_bytes <= IGNORED_MAX ? length : 0;
    }
    if (length > t->download->bytes - t->offset) {
        t->too_long = true;
        return 0;
    }
    for (size_t done = 0; done < length;) {
        const ssize_t wrote = pwrite(t->fd, bytes + done, length - done, (off_t)(t->offset + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            t->write_errno = errno;
            return 0;
        }
        done += (size_t)wrote;
    }
    t->offset += length;
    return length;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    (void)total, (void)now, (void)up_total, (void)up_now;
    transfer *t = user;
    const fse_pull_options *o = t->options;
    t->cancelled = o->progress && o->progress(o->user, t->name, t->offset, t->download->bytes);
    return t->cancelled;
}

/* --- one request --- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static fse_status set_up(transfer *t, fse_error *error)
{
    pthread_once(&curl_once, init_curl);
    t->curl = curl_easy_init();
    if (!t->curl)
        return fse_fail_memory(error);
    CURL *const c = t->curl;
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
#if CURL_AT_LEAST_VERSION(7, 85, 0)
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS | CURLPROTO_HTTP);
#endif
    curl_easy_setopt(c, CURLOPT_USERAGENT, "facesearch/" FSE_VERSION);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_SECOND);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALL_TIMEOUT);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    return FSE_OK;
}

static CURLcode request(transfer *t, const char *url)
{
    char range[32];
    t->started = t->ignored = t->wrong_range = t->too_long = t->cancelled = false;
    t->ignored_bytes = 0;
    t->content_range[0] = '\0';
    t->asked_from = t->offset;
    snprintf(range, sizeof range, "%llu-", (unsigned long long)t->offset);
    curl_easy_setopt(t->curl, CURLOPT_URL, url);
    curl_easy_setopt(t->curl, CURLOPT_RANGE, t->offset > 0 ? range : NULL);
    /* A proxy is for other machines. */
    curl_easy_setopt(t->curl, CURLOPT_NOPROXY,
                     classify_url(url) == ADDRESS_LOCAL_HTTP ? "*" : NULL);
    return curl_easy_perform(t->curl);
}

/* Ask, and follow redirects. *code: the HTTP status of the last answer. */
static fse_status follow(transfer *t, const char *url, CURLcode *result, long *code,
                         fse_error *error)
{
    const bool local = classify_url(url) == ADDRESS_LOCAL_HTTP;
    fse_status status;
    char *hop = fse_strdup(url);
    if (!hop)
        return fse_fail_memory(error);
    for (int redirects = 0;; redirects++) {
        const char *next = NULL;
        FSE_TRY(fse_fetch_check(hop, error));
        *result = request(t, hop);
        *code = 0;
        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, code);
        if (*code >= 300 && *code < 400)
            curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &next);
        if (!next || t->cancelled)
            break;
        if (redirects == REDIRECTS_MAX)
            FSE_THROW(error, FSE_ENETWORK, url, "the server redirects in circles");
        const address kind = classify_url(next);
        if (kind != ADDRESS_HTTPS && !(local && kind == ADDRESS_LOCAL_HTTP))
            FSE_THROW(error, FSE_ENETWORK, url,
                      "the server redirects to an address that is not https: %.200s", next);
        char *copy = fse_strdup(next); /* the next request frees it */
        if (!copy)
            FSE_TRY(fse_fail_memory(error));
        free(hop);
        hop = copy;
    }
    status = FSE_OK;
cleanup:
    free(hop);
    return status;
}

static fse_status start_again(transfer *t, fse_error *error)
{
    t->offset = 0;
    if (ftruncate(t->fd, 0) != 0)
        return fse_fail_errno(error, errno, t->name, "cannot write");
    return FSE_OK;
}

/* What the answer came to. *again: the file was emptied, and the request must be made once more. */
static fse_status judge(transfer *t, const char *url, CURLcode result, long code, bool *again,
                        fse_error *error)
{
    const uint64_t bytes = t->download->bytes;
    *again = false;
    if (t->cancelled)
        return fse_fail(error, FSE_ECANCELLED, t->name, "the download was stopped");
    if (t->write_errno != 0)
        return fse_fail_errno(error, t->write_errno, t->name, "cannot write");
    if (t->asked_from > 0 && (t->wrong_range || code == 416)) {
        *again = true;
        return start_again(t, error);
    }
    if (t->too_long) {
        const fse_status status = start_again(t, error);
        return status != FSE_OK ? status
                                : fse_fail(error, FSE_EDIGEST, url,
                                           "the server sends more than the %llu bytes that the "
                                           "file has",
                                           (unsigned long long)bytes);
    }
    if (code != 0 && code != 200 && code != 206)
        return fse_fail(error, FSE_ENETWORK, url, "the server answered with status %ld", code);
    if (result != CURLE_OK && t->offset == 0)
        return fse_fail(error, FSE_ENETWORK, url, "the download failed: %s",
                        curl_easy_strerror(result));
    if (result != CURLE_OK || t->offset < bytes)
        return fse_fail(error, FSE_ENETWORK, url,
                        "the download ended after %llu of %llu bytes (%s); run it again to go on "
                        "from there",
                        (unsigned long long)t->offset, (unsigned long long)bytes,
                        result == CURLE_OK ? "the server sent no more"
                                           : curl_easy_strerror(result));
    return FSE_OK;
}

static fse_status fetch_bytes(transfer *t, const char *url, fse_error *error)
{
    bool again = true;
    fse_status status = FSE_OK;
    /* At most twice: the second request asks for the whole file. */
    while (status == FSE_OK && again) {
        CURLcode result = CURLE_OK;
        long code = 0;
        status = follow(t, url, &result, &code, error);
        if (status == FSE_OK)
            status = judge(t, url, result, code, &again, error);
    }
    return status;
}

/* Whether the file is the right one; if not it is emptied. */
static fse_status check_digest(transfer *t, bool *right, fse_error *error)
{
    uint8_t sha256[FSE_SHA256_BYTES];
    char hex[FSE_SHA256_HEX];
    fse_status status = fse_digest_fd(t->fd, t->name, sha256, NULL, error);
    if (status != FSE_OK)
        return status;
    fse_digest_hex(sha256, hex);
    *right = strcmp(hex, t->download->sha256) == 0;
    if (*right)
        return FSE_OK;
    status = start_again(t, error);
    return status != FSE_OK ? status
                            : fse_fail(error, FSE_EDIGEST, t->name,
                                       "the file is not the one that the catalogue states: its "
                                       "SHA-256 is %s, expected %s",
                                       hex, t->download->sha256);
}

fse_status fse_fetch(const char *url, const fse_download *download, const char *name, int fd,
                     const fse_pull_options *options, fse_error *error)
{
    fse_status status;
    struct stat info;
    bool right = false;
    transfer t = {.download = download, .name = name, .options = options, .fd = fd};
    FSE_TRY(fse_fetch_check(url, error));
    FSE_TRY(set_up(&t, error));
    if (fstat(fd, &info) != 0)
        FSE_TRY(fse_fail_errno(error, errno, name, "cannot read"));
    t.offset = (uint64_t)info.st_size;
    if (t.offset > download->bytes)
        FSE_TRY(start_again(&t, error));
    /* What an earlier call left may be spoilt: then the whole is fetched once more. */
    for (bool resumed = t.offset > 0; !right; resumed = false) {
        if (t.offset < download->bytes)
            FSE_TRY(fetch_bytes(&t, url, error));
        status = check_digest(&t, &right, error);
        if (status != FSE_OK && !(status == FSE_EDIGEST && resumed))
            goto cleanup;
    }
    status = FSE_OK;
cleanup:
    curl_easy_cleanup(t.curl);
    return status;
}

#else

static const char without[] = "this facesearch was built without downloads (libcurl)";

fse_status fse_fetch_check(const char *url, fse_error *error)
{
    return fse_fail(error, FSE_ENETWORK, url, without);
}

fse_status fse_fetch(const char *url, const fse_download *download, const char *name, int fd,
                     const fse_pull_options *options, fse_error *error)
{
    (void)download, (void)name, (void)fd, (void)options;
    return fse_fail(error, FSE_ENETWORK, url, without);
}

#endif
