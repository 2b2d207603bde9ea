/*
 * shapes.c - which operation has which shape, and what all _init functions share.
 *
 * Failure mode: a type that is not known has no shape (NULL).
 */
#include "api/shapes/shapes.h"

#include <string.h>

#define SHAPE_OF(NAME, name, ...) [HF_OP_##NAME] = &hf__shape_##name,
#define HF__WRITE(...)            SHAPE_OF(__VA_ARGS__)
#define HF__READ(...)             SHAPE_OF(__VA_ARGS__)

static const hf_shape *const shapes[] = {
#include "model/operations.def"
};

const hf_shape *hf_op_shape(uint32_t type)
{
    return type < COUNT(shapes) ? shapes[type] : NULL;
}

const char *hf_op_name(uint32_t type)
{
    const hf_shape *shape = hf_op_shape(type);
    return shape == NULL ? NULL : shape->name;
}
