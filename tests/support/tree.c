/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check(int ok, const char *what, const char *path)
{
    if (ok)
        return;
    fprintf(stderr, "%s: ", path);
    perror(what);
    abort();
}

char *tree_new(void)
{
    const char *base = getenv("TMPDIR");
    char *root = tree_path(base && base[0] == '/' ? base : "/tmp", "facesearch-test-XXXXXX");
    check(mkdtemp(root) != NULL, "mkdtemp", root);
    return root;
}

/* rm knows how to come down from any depth. */
void tree_remove(const char *root)
{
    char command[1024];
    check(snprintf(command, sizeof command, "chmod -R u+rwX '%s' && rm -rf '%s'", root, root) <
              (int)sizeof command,
          "snprintf", root);
    check(system(command) == 0, "rm", root);
}

char *tree_path(const char *root, const char *path)
{
    const size_t size = strlen(root) + strlen(path) + 2;
    char *joined = malloc(size);
    check(joined != NULL, "malloc", path);
    snprintf(joined, size, "%s/%s", root, path);
    return joined;
}

static void make_parents(const char *root, char *path)
{
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

void tree_folder(const char *root, const char *path)
{
    char *full = tree_path(root, path);
    make_parents(root, full);
    mkdir(full, 0777);
    struct stat info;
    check(stat(full, &info) == 0 && S_ISDIR(info.st_mode), "mkdir", full);
    free(full);
}

void tree_write(const char *root, const char *path, const void *bytes, size_t size)
{
    char *full = tree_path(root, path);
    make_parents(root, full);
    FILE *file = fopen(full, "wb");
    check(file != NULL, "fopen", full);
    check(fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "fwrite", full);
    free(full);
}

void tree_link(const char *root, const char *path, const char *target)
{
    char *full = tree_path(root, path);
    make_parents(root, full);
    check(symlink(target, full) == 0, "symlink", full);
    free(full);
}
