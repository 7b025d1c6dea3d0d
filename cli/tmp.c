#include <facesearch/facesearch.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
    if (argc == 2) { printf("facesearch %s\n", fse_version()); return 0; }
    fse_error error = {0};
    fse_engine *engine = NULL;
    fse_query *query = NULL;
    fse_gallery *gallery = NULL;
    fse_result *result = NULL;
    const char *folder = argv[4];
    if (fse_engine_open(NULL, NULL, &engine, &error) == FSE_OK &&
        fse_query_new(engine, &query, &error) == FSE_OK &&
        fse_query_add_file(query, argv[2], FSE_FACE_DEFAULT, NULL, &error) == FSE_OK &&
        fse_gallery_scan(engine, &folder, 1, NULL, &gallery, &error) == FSE_OK &&
        fse_gallery_search(gallery, query, NULL, &result, &error) == FSE_OK)
        for (size_t i = 0; i < result->match_count; i++)
            printf("%s\n", result->matches[i].path);
    else
        fprintf(stderr, "%s%s%s\n", error.subject, *error.subject ? ": " : "", error.message);
    fse_result_free(&result);
    fse_gallery_free(&gallery);
    fse_query_free(&query);
    fse_engine_close(&engine);
    return 0;
}
