/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/analyse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "faces/align.h"
#include "faces/embed.h"
#include "faces/landmarks.h"
#include "faces/look.h"
#include "faces/quality.h"
#include "faces/views.h"
#include "image/cut.h"
#include "image/decode.h"
#include "image/resample.h"

struct fse_analyser {
    const fse_net_backend *backend;
    fse_net *nets[FSE_ROLES]; /* NULL where the pack has no such model */
    fse_eye eye;
    int dim;
    const char *precision;
};

/* ---- The networks ---- */

static fse_status open_net(fse_analyser *analyser, const fse_model *model, fse_role role, int jobs,
                           bool bf16, fse_error *error)
{
    const fse_net_options options = {.streams = jobs, .bf16 = bf16};
    fse_status status;
    if (!model->path)
        return FSE_OK;
    FSE_TRY(analyser->backend->open(model->path, &analyser->nets[role], error));
    FSE_TRY(analyser->backend->prepare(analyser->nets[role], &model->input, &options, error));
cleanup:
    return status;
}

/*
 * bfloat16 moves a detection's landmarks by a fraction of a pixel and the embedding with them by at
 * most 0.0007 in cosine; in the embedder it moves it by up to 0.0026 and flips matches near the
 * threshold (docs/accuracy.md). So auto gives it to the detector only.
 */
static const struct precision_row {
    fse_precision precision;
    bool detector, embedder;
    const char *name;
} precisions[] = {
    {FSE_PRECISION_AUTO, true, false, "bf16 detector, f32 embedder"},
    {FSE_PRECISION_F32, false, false, "f32"},
    {FSE_PRECISION_BF16, true, true, "bf16"},
};

static const struct precision_row *precision_of(const fse_net_backend *backend,
                                                fse_precision wanted)
{
    const struct precision_row *f32 = NULL, *found = NULL;
    for (size_t i = 0; i < FSE_COUNT(precisions); i++) {
        if (precisions[i].precision == wanted)
            found = &precisions[i];
        if (precisions[i].precision == FSE_PRECISION_F32)
            f32 = &precisions[i];
    }
    return found && !backend->has_bf16() ? f32 : found;
}

const char *fse_precision_text(const fse_net_backend *backend, fse_precision precision)
{
    const struct precision_row *row = precision_of(backend, precision);
    return row ? row->name : NULL;
}

fse_status fse_analyser_open(const fse_net_backend *backend, const fse_pack *pack,
                             fse_precision precision, int jobs, fse_analyser **analyser,
                             fse_error *error)
{
    fse_status status;
    *analyser = NULL;
    const struct precision_row *row = precision_of(backend, precision);
    fse_analyser *made = fse_alloc(1, sizeof *made);
    if (!made)
        FSE_TRY(fse_fail_memory(error));
    made->backend = backend;
    if (!row)
        FSE_THROW(error, FSE_EINVAL, NULL, "unknown precision %d", (int)precision);
    made->dim = pack->dim;
    made->precision = row->name;
    FSE_TRY(fse_decode_init(error));
    for (int role = 0; role < FSE_ROLES; role++)
        FSE_TRY(open_net(made, &pack->models[role], (fse_role)role, jobs,
                         role == FSE_ROLE_DETECTOR ? row->detector : row->embedder, error));
    made->eye = (fse_eye){.backend = backend,
                          .net = made->nets[FSE_ROLE_DETECTOR],
                          .detector = fse_detector_of(pack->family),
                          .shape = pack->models[FSE_ROLE_DETECTOR].shape};
    *analyser = made;
    made = NULL;
cleanup:
    fse_analyser_close(&made);
    return status;
}

void fse_analyser_close(fse_analyser **analyser)
{
    if (!analyser || !*analyser)
        return;
    for (int role = 0; role < FSE_ROLES; role++)
        (*analyser)->backend->close(&(*analyser)->nets[role]);
    free(*analyser);
    *analyser = NULL;
}

const char *fse_analyser_precision(const fse_analyser *analyser)
{
    return analyser->precision;
}

/* ---- One photo ---- */

/* What is known of a photo while it is worked on. */
typedef struct work {
    fse_analyser *analyser;
    int fd;
    const char *name;
    const fse_analyse_options *options;
    fse_decoded decoded;
    fse_picture_frame frame; /* the decoded picture */
    fse_detections detections;
} work;

static void frame_decoded(work *w)
{
    const fse_decoded *d = &w->decoded;
    const double scale = 1.0 / d->shrink;
    w->frame = (fse_picture_frame){.image = &d->image,
                                   .scale_x = scale,
                                   .scale_y = scale,
                                   .offset_x = -d->offset_x * scale,
                                   .offset_y = -d->offset_y * scale};
}

static fse_status decode(work *w, int max_side, fse_error *error)
{
    const fse_decode_options options = {.max_bytes = w->options->max_bytes,
                                        .max_pixels = w->options->max_pixels,
                                        .max_side = max_side};
    fse_image_free(&w->decoded.image);
    const fse_status status = fse_decode(w->fd, w->name, &options, &w->decoded, error);
    if (status == FSE_OK)
        frame_decoded(w);
    return status;
}

static int fine_view(const work *w)
{
    const fse_view_size photo = {w->decoded.full_width, w->decoded.full_height};
    return fse_fine_view(photo, w->options->min_face, w->analyser->eye.detector->smallest);
}

static fse_status look(work *w, fse_error *error)
{
    if (w->options->detect_size > 0)
        return fse_look_letterbox(&w->analyser->eye, &w->frame, w->options->detect_size,
                                  &w->detections, error);
    return fse_look(&w->analyser->eye, &w->frame, fine_view(w), &w->detections, error);
}

/* The decoder needs no more pixels than the fine view; it needs the photo's size to tell. */
static fse_status decode_for_views(work *w, fse_error *error)
{
    const fse_decode_options header = {.max_bytes = w->options->max_bytes,
                                       .max_pixels = w->options->max_pixels,
                                       .header_only = true};
    if (w->options->detect_size > 0)
        return decode(w, 0, error);
    const fse_status status = fse_decode(w->fd, w->name, &header, &w->decoded, error);
    if (status != FSE_OK)
        return status;
    return decode(w, fine_view(w), error);
}

/* A face of which the picture holds so many pixels fills the embedder's input. */
#define ENOUGH_PIXELS ((float)FSE_CROP)

/* Decode again, larger, if the file holds more of the smallest face than the picture does. */
static fse_status decode_for_faces(work *w, fse_error *error)
{
    float smallest = INFINITY;
    for (size_t i = 0; i < w->detections.count; i++) {
        const float *box = w->detections.items[i].box;
        smallest = fminf(smallest, fminf(box[2] - box[0], box[3] - box[1]));
    }
    const int longer = w->decoded.full_width > w->decoded.full_height ? w->decoded.full_width
                                                                      : w->decoded.full_height;
    if (w->decoded.shrink == 1 || smallest / (float)w->decoded.shrink >= ENOUGH_PIXELS)
        return FSE_OK;
    return decode(w, (int)fminf((float)longer, (float)longer * ENOUGH_PIXELS / smallest), error);
}

/*
 * People search with tight crops and thumbnails, in which no detector finds a face that fills the
 * frame. So look again at the photo with a black border of half its longer side all around, the
 * whole 320 pixels wide: of 40 tight portraits shrunk to 150, 100, 64, 48 and 32 pixels all three
 * families find every face (docs/accuracy.md).
 */
#define BORDER_SHARE 0.5
#define BORDERED_SIDE 320

static fse_rect inside_border(const fse_image *photo)
{
    const int longer = photo->width > photo->height ? photo->width : photo->height;
    const double scale = BORDERED_SIDE / (longer * (1 + 2 * BORDER_SHARE));
    const int width = (int)lround(photo->width * scale), height = (int)lround(photo->height * scale);
    fse_rect where = {.width = width < 1 ? 1 : width, .height = height < 1 ? 1 : height};
    where.x = where.y = (int)lround(longer * scale * BORDER_SHARE);
    return where;
}

static fse_status look_again(work *w, fse_error *error)
{
    fse_status status;
    fse_image bordered = {.pixels = NULL};
    const fse_image *photo = &w->decoded.image;
    const fse_rect where = inside_border(photo);
    const double across = (double)where.width / photo->width;
    const double down = (double)where.height / photo->height;
    const fse_picture_frame frame = {.image = &bordered,
                                     .scale_x = w->frame.scale_x * across,
                                     .scale_y = w->frame.scale_y * down,
                                     .offset_x = where.x + w->frame.offset_x * across,
                                     .offset_y = where.y + w->frame.offset_y * down};
    FSE_TRY(fse_image_new(where.width + 2 * where.x, where.height + 2 * where.y, 3, &bordered,
                          error));
    fse_fill(&bordered, 0);
    FSE_TRY(fse_resize(photo, &bordered, where, error));
    FSE_TRY(fse_look(&w->analyser->eye, &frame, BORDERED_SIDE, &w->detections, error));
cleanup:
    fse_image_free(&bordered);
    return status;
}

/* ---- One face ---- */

/* Between pixels of the photo and indices of the picture's pixels, whose centres are at + 0.5. */
static void to_picture(const fse_picture_frame *frame, const float from[2], float to[2])
{
    to[0] = (float)(((double)from[0] + 0.5) * frame->scale_x + frame->offset_x - 0.5);
    to[1] = (float)(((double)from[1] + 0.5) * frame->scale_y + frame->offset_y - 0.5);
}

static void from_picture(const fse_picture_frame *frame, const float from[2], float to[2])
{
    to[0] = (float)(((double)from[0] + 0.5 - frame->offset_x) / frame->scale_x - 0.5);
    to[1] = (float)(((double)from[1] + 0.5 - frame->offset_y) / frame->scale_y - 0.5);
}

static fse_status find_landmarks(const work *w, fse_detection *d, bool *is_face, fse_error *error)
{
    float box[4], points[5][2];
    to_picture(&w->frame, d->box, box);
    to_picture(&w->frame, d->box + 2, box + 2);
    const fse_status status =
        fse_landmarks_find(w->analyser->backend, w->analyser->nets[FSE_ROLE_LANDMARKS],
                           w->frame.image, box, points, is_face, error);
    for (int i = 0; status == FSE_OK && i < 5; i++)
        from_picture(&w->frame, points[i], d->landmarks[i]);
    return status;
}

/*
 * Whatever the detector's own landmarks lack. Not in the letterbox of a detector that has them: there
 * the pixel path is the reference's.
 */
static fse_status find_all_landmarks(work *w, fse_error *error)
{
    const fse_eye *eye = &w->analyser->eye;
    size_t kept = 0;
    for (size_t i = 0; i < w->detections.count; i++) {
        fse_detection *d = &w->detections.items[i];
        fse_status status = FSE_OK;
        bool is_face = true;
        if (!eye->detector->has_landmarks)
            status = find_landmarks(w, d, &is_face, error);
        else if (eye->detector->second_look && w->options->detect_size == 0)
            status = fse_look_closer(eye, &w->frame, d, error);
        if (status != FSE_OK)
            return status;
        if (is_face)
            w->detections.items[kept++] = *d;
    }
    w->detections.count = kept;
    return FSE_OK;
}

/* Align, embed and judge; the face keeps FSE_EFACE as its own status where it has no embedding. */
static fse_status embed_face(const work *w, fse_face *face, float *embedding, fse_error *error)
{
    fse_status status;
    fse_image crop = {.pixels = NULL};
    fse_similarity2 transform;
    float points[5][2];
    double m[6];
    for (int i = 0; i < 5; i++)
        to_picture(&w->frame, face->landmarks[i], points[i]);
    if (!fse_align(points[0], &transform))
        FSE_THROW(error, FSE_EFACE, NULL, "the landmarks lie in one place");
    FSE_TRY(fse_image_new(FSE_CROP, FSE_CROP, 3, &crop, error));
    fse_align_inverse(&transform, m);
    if (w->options->detect_size > 0)
        fse_warp(w->frame.image, m, &crop);
    else
        FSE_TRY(fse_cut(w->frame.image, m, &crop, error));
    FSE_TRY(fse_quality_of_crop(&crop, &face->quality, error));
    fse_quality_of_pose(face->landmarks[0], &face->quality);
    FSE_TRY(fse_embed(w->analyser->backend, w->analyser->nets[FSE_ROLE_EMBEDDER], &crop,
                      w->analyser->dim, embedding, &face->quality.norm, error));
    face->embedding = embedding;
cleanup:
    fse_image_free(&crop);
    face->status = status;
    return status == FSE_EFACE ? FSE_OK : status;
}

static fse_status make_face(const work *w, const fse_detection *d, fse_face *face,
                            float *embedding, fse_error *error)
{
    memcpy(face->box, d->box, sizeof face->box);
    memcpy(face->landmarks, d->landmarks, sizeof face->landmarks);
    face->score = d->score;
    face->size = fminf(d->box[2] - d->box[0], d->box[3] - d->box[1]);
    return embed_face(w, face, embedding, error);
}

static fse_status make_photo(work *w, fse_photo **photo, fse_error *error)
{
    const size_t count = w->detections.count, dim = (size_t)w->analyser->dim;
    const size_t face_bytes = sizeof(fse_face) + dim * sizeof(float);
    if (count > (SIZE_MAX - sizeof(fse_photo)) / face_bytes)
        return fse_fail_memory(error);
    fse_photo *made = fse_alloc(1, sizeof *made + count * face_bytes);
    if (!made)
        return fse_fail_memory(error);
    fse_face *faces = (fse_face *)(made + 1);
    float *embeddings = (float *)(faces + count);
    *made = (fse_photo){.width = w->decoded.full_width,
                        .height = w->decoded.full_height,
                        .damaged = w->decoded.damaged,
                        .format = w->decoded.format,
                        .taken = w->decoded.taken,
                        .dim = w->analyser->dim,
                        .face_count = count,
                        .faces = count ? faces : NULL};
    fse_status status = FSE_OK;
    for (size_t i = 0; status == FSE_OK && i < count; i++)
        status = make_face(w, &w->detections.items[i], &faces[i], embeddings + i * dim, error);
    if (status == FSE_OK)
        *photo = made;
    else
        free(made);
    return status;
}

fse_status fse_analyse(fse_analyser *analyser, int fd, const char *name, const uint8_t *sha256,
                       const fse_analyse_options *options, fse_photo **photo, fse_error *error)
{
    fse_status status;
    uint8_t digest[FSE_SHA256_BYTES];
    work w = {.analyser = analyser, .fd = fd, .name = name, .options = options};
    *photo = NULL;
    FSE_TRY(decode_for_views(&w, error));
    if (!sha256)
        FSE_TRY(fse_digest_fd(fd, name, digest, NULL, error));
    FSE_TRY(look(&w, error));
    if (w.detections.count == 0 && options->is_query)
        FSE_TRY(look_again(&w, error));
    FSE_TRY(decode_for_faces(&w, error));
    FSE_TRY(find_all_landmarks(&w, error));
    FSE_TRY(make_photo(&w, photo, error));
    memcpy((*photo)->sha256, sha256 ? sha256 : digest, sizeof digest);
cleanup:
    fse_detections_free(&w.detections);
    fse_image_free(&w.decoded.image);
    return status;
}

bool fse_is_photo_failure(fse_status status)
{
    static const fse_status own[] = {FSE_EIMAGE, FSE_ELIMIT, FSE_EIO,
                                     FSE_ENOENT, FSE_EACCES, FSE_ENOMEM};
    for (size_t i = 0; i < FSE_COUNT(own); i++)
        if (own[i] == status)
            return true;
    return false;
}
