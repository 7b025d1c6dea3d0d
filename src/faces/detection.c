/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/detection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool is_finite(const fse_detection *d)
{
    bool finite = isfinite(d->score);
    for (int i = 0; i < 4; i++)
        finite = finite && isfinite(d->box[i]);
    for (int i = 0; i < 5; i++)
        finite = finite && isfinite(d->landmarks[i][0]) && isfinite(d->landmarks[i][1]);
    return finite;
}

fse_status fse_detections_add(fse_detections *detections, const fse_detection *detection,
                              fse_error *error)
{
    if (!is_finite(detection))
        return FSE_OK;
    const fse_status status = fse_grow(&detections->items, &detections->capacity,
                                       detections->count, sizeof *detections->items, error);
    if (status == FSE_OK)
        detections->items[detections->count++] = *detection;
    return status;
}

void fse_detections_free(fse_detections *detections)
{
    free(detections->items);
    *detections = (fse_detections){.items = NULL};
}

static float area(const float box[4])
{
    return (box[2] - box[0]) * (box[3] - box[1]);
}

static float common_area(const float a[4], const float b[4])
{
    const float width = fminf(a[2], b[2]) - fmaxf(a[0], b[0]);
    const float height = fminf(a[3], b[3]) - fmaxf(a[1], b[1]);
    return width > 0 && height > 0 ? width * height : 0;
}

static float ratio(float part, float whole)
{
    const float share = part / whole;
    return part > 0 && isfinite(share) ? share : 0;
}

float fse_iou(const float a[4], const float b[4])
{
    const float both = common_area(a, b);
    return ratio(both, area(a) + area(b) - both);
}

/* The share of the smaller box that lies in the other. */
static float inside(const float a[4], const float b[4])
{
    return ratio(common_area(a, b), fminf(area(a), area(b)));
}

static int by_number(float a, float b)
{
    return (a > b) - (a < b);
}

static int by_score(const void *left, const void *right)
{
    const fse_detection *a = left, *b = right;
    int order = by_number(b->score, a->score);
    for (int i = 0; order == 0 && i < 4; i++)
        order = by_number(a->box[i], b->box[i]);
    return order != 0 ? order : (a->view > b->view) - (a->view < b->view);
}

/* SCRFD and YuNet regress boxes well up to about this size; a larger view of a larger face gains
 * nothing (measured on LFW: docs/accuracy.md). */
#define LARGE_ENOUGH 256.0F

static int by_size_seen(const void *left, const void *right)
{
    const fse_detection *a = left, *b = right;
    const int order = by_number(fminf(b->seen, LARGE_ENOUGH), fminf(a->seen, LARGE_ENOUGH));
    return order != 0 ? order : by_score(left, right);
}

typedef float (*overlap_measure)(const float a[4], const float b[4]);

static bool overlaps_any(const fse_detection *kept, size_t count, const fse_detection *candidate,
                         overlap_measure measure, float most)
{
    for (size_t i = 0; i < count; i++)
        if (measure(kept[i].box, candidate->box) > most)
            return true;
    return false;
}

static void suppress(fse_detections *detections, overlap_measure measure, float most,
                     int (*order)(const void *, const void *))
{
    fse_detection *items = detections->items;
    if (detections->count == 0)
        return;
    qsort(items, detections->count, sizeof *items, order);
    size_t kept = 0;
    for (size_t i = 0; i < detections->count; i++)
        if (!overlaps_any(items, kept, &items[i], measure, most))
            items[kept++] = items[i];
    detections->count = kept;
}

void fse_nms(fse_detections *detections, float max_iou)
{
    suppress(detections, fse_iou, max_iou, by_score);
}

void fse_nms_views(fse_detections *detections, float max_iou)
{
    suppress(detections, fse_iou, max_iou, by_size_seen);
}

void fse_drop_inside(fse_detections *detections, float max_inside)
{
    suppress(detections, inside, max_inside, by_score);
}

void fse_detections_sort(fse_detections *detections)
{
    if (detections->count > 0)
        qsort(detections->items, detections->count, sizeof *detections->items, by_score);
}
