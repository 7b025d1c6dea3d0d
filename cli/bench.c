/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch bench: timings on this machine. */
#include "common.h"
#include "interrupt.h"
#include "json.h"

typedef struct bench_settings {
    fse_common common;
    size_t vectors;
    int dim, queries, threads;
    bool json;
} bench_settings;

#define AT(field) offsetof(bench_settings, field)

static const fse_option what_options[] = {
    {"vectors", 0, "N", &fse_kind_size, AT(vectors), "how many are searched", 1, 4294967296.0, NULL,
     NULL},
    {"dim", 0, "D", &fse_kind_integer, AT(dim), "numbers of each", 2, 4096, NULL, NULL},
    {"queries", 0, "Q", &fse_kind_integer, AT(queries), "queries that share one pass", 1, 4096, NULL,
     NULL},
    {"threads", 0, "T", &fse_kind_integer, AT(threads), "threads (default: one for each CPU)", 1,
     1024, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option output_options[] = {
    {"json", 0, NULL, &fse_kind_flag, AT(json), "one JSON object", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"What", what_options},
    {"Output (default: a few lines)", output_options},
    {"Messages", fse_talk_options},
    {NULL, NULL},
};

static void init(void *settings)
{
    bench_settings *s = settings;
    fse_bench_scan_options defaults;
    fse_bench_scan_options_init(&defaults);
    fse_common_init(&s->common);
    s->vectors = (size_t)defaults.vectors;
    s->dim = defaults.dim;
    s->queries = defaults.queries;
}

static void write_json(fse_out *out, const fse_bench_scan_report *r)
{
    fse_json json = {.out = out};
    fse_json_open(&json, NULL, '{');
    fse_json_integer(&json, "vectors", (int64_t)r->vectors);
    fse_json_integer(&json, "dim", r->dim);
    fse_json_integer(&json, "queries", r->queries);
    fse_json_integer(&json, "threads", r->threads);
    fse_json_number(&json, "ms_per_query", r->ms_per_query);
    fse_json_number(&json, "gb_per_s", r->gb_per_s);
    fse_json_number(&json, "read_gb_per_s", r->read_gb_per_s);
    fse_json_number(&json, "bandwidth_share", r->bandwidth_share);
    fse_json_string(&json, "kernel", r->kernel);
    fse_json_bool(&json, "verified", r->verified);
    fse_json_close(&json, '}');
    fse_put(out, "\n");
}

static void write_text(fse_out *out, const fse_bench_scan_report *r)
{
    fse_print(out, "%llu vectors of %d numbers, queries at once: %d, threads: %d, kernel: %s\n",
              (unsigned long long)r->vectors, r->dim, r->queries, r->threads, r->kernel);
    fse_print(out, "%.3f ms a query\n", r->ms_per_query);
    fse_print(out, "%.1f GB/s read by the search, %.1f GB/s by just reading: %.0f %%\n",
              r->gb_per_s, r->read_gb_per_s, 100 * r->bandwidth_share);
    fse_print(out, "%s comparing every vector\n", r->verified ? "equals" : "DIFFERS FROM");
}

static bool is_interrupted(void *user)
{
    (void)user;
    return fse_interrupted();
}

static int run_scan(const fse_command *command, void *settings, const char *const *arguments,
                    size_t count)
{
    (void)command;
    (void)arguments;
    (void)count;
    bench_settings *s = settings;
    fse_console *console = &s->common.console;
    fse_error error = {0};
    fse_bench_scan_options options;
    fse_bench_scan_options_init(&options);
    options.vectors = s->vectors;
    options.dim = s->dim;
    options.queries = s->queries;
    options.threads = s->threads;
    options.cancel = is_interrupted;
    fse_bench_scan_report report;
    if (fse_bench_scan(&options, &report, &error) != FSE_OK)
        return fse_complain_error(console, &error);
    if (s->json)
        write_json(&console->out, &report);
    else
        write_text(&console->out, &report);
    return report.verified ? FSE_EXIT_FOUND : FSE_EXIT_FAILED;
}

static const fse_command scan_command = {
    .name = "bench scan",
    .summary = "time the exact search over random vectors",
    .arguments = "[options]",
    .about = "Measures how long the exact search takes on this machine, over random vectors in "
             "memory, and how fast the same memory can be read at all. It takes 3 bytes for each "
             "number of a vector. The environment variable FACESEARCH_CPU (scalar, avx2, avxvnni, "
             "avx512vnni, amx, neon) holds it to older instructions.",
    .examples = "facesearch bench scan\n"
                "facesearch bench scan --vectors 1000000 --queries 64 --threads 2 --json",
    .groups = groups,
    .settings_size = sizeof(bench_settings),
    .init = init,
    .run = run_scan,
};

static const fse_command *const subcommands[] = {&scan_command, NULL};

const fse_command fse_command_bench = {
    .name = "bench",
    .summary = "timings on this machine",
    .arguments = "scan ...",
    .subcommands = subcommands,
};
