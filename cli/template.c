/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <string.h>

/* Made at build time from the files of cli/report, see cmake/embed.cmake. */
struct fse_embedded_file {
    const char *name;
    const char *data;
    size_t size;
};
extern const struct fse_embedded_file fse_embedded_assets[];
extern const size_t fse_embedded_assets_count;

static const char *find_file(const char *name)
{
    for (size_t i = 0; i < fse_embedded_assets_count; i++)
        if (strcmp(fse_embedded_assets[i].name, name) == 0)
            return fse_embedded_assets[i].data;
    return "";
}

static void fill_in(fse_out *out, const char *name, size_t length, const fse_field *fields,
                    const void *context)
{
    for (; fields->name; fields++)
        if (strlen(fields->name) == length && strncmp(fields->name, name, length) == 0)
            fields->write(out, context);
}

/* Notices for readers of the source do not go into what is made from it. */
static const char *skip_notice(const char *text)
{
    static const char *const notices[][2] = {{"<!--", "-->\n"}, {"/*", "*/\n"}};
    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
        const char *end = strncmp(text, notices[i][0], strlen(notices[i][0])) == 0
                              ? strstr(text, notices[i][1])
                              : NULL;
        if (end)
            return end + strlen(notices[i][1]);
    }
    return text;
}

void fse_render(fse_out *out, const char *file, const fse_field *fields, const void *context)
{
    const char *text = skip_notice(find_file(file));
    const char *open, *close;
    while ((open = strstr(text, "{{")) && (close = strstr(open, "}}"))) {
        fse_write(out, text, (size_t)(open - text));
        fill_in(out, open + 2, (size_t)(close - open - 2), fields, context);
        text = close + 2;
    }
    fse_put(out, text);
}

void fse_put_html(fse_out *out, const char *text)
{
    static const struct {
        char character;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    while (*text) {
        const size_t length = strcspn(text, "&<>\"'");
        fse_write(out, text, length);
        text += length;
        for (size_t i = 0; *text && i < sizeof entities / sizeof entities[0]; i++)
            if (*text == entities[i].character) {
                fse_put(out, entities[i].entity);
                text++;
                break;
            }
    }
}
