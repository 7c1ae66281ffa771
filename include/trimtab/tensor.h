/* A view of an n-dimensional array, laid out as DLPack's DLTensor. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_TENSOR_H
#define TRIMTAB_TENSOR_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* DLPack's device types, as far as they matter here: every other value is refused with TRIMTAB_ERROR_DEVICE. */
enum {
  TRIMTAB_DEVICE_CPU = 1,
  TRIMTAB_DEVICE_CUDA_HOST = 3, /* pinned host memory */
  TRIMTAB_DEVICE_ROCM_HOST = 11
};

/* DLPack's type codes. */
enum {
  TRIMTAB_DTYPE_INT = 0,          /* 8, 16, 32, 64 bits */
  TRIMTAB_DTYPE_UINT = 1,         /* 8, 16, 32, 64 bits */
  TRIMTAB_DTYPE_FLOAT = 2,        /* 16, 32, 64 bits */
  TRIMTAB_DTYPE_BFLOAT = 4,       /* 16 bits */
  TRIMTAB_DTYPE_BOOL = 6,         /* 8 bits */
  TRIMTAB_DTYPE_FLOAT8_E4M3FN = 10, /* 8 bits: no infinity, 0x7f and 0xff are NaN */
  TRIMTAB_DTYPE_FLOAT8_E5M2 = 12    /* 8 bits: infinities and NaN as in IEEE 754 */
};

typedef struct trimtab_device {
  int32_t device_type;
  int32_t device_id;
} trimtab_device;

typedef struct trimtab_dtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes; /* 1 */
} trimtab_dtype;

#define TRIMTAB_MAXIMUM_RANK 8

/*
 * A view of host memory; it owns nothing.
 *
 * Has exactly the layout of DLPack's DLTensor, so a DLTensor pointer may be cast to it.
 *   data         first byte; may be NULL only if some extent is 0
 *   ndim         0 (one element) to TRIMTAB_MAXIMUM_RANK
 *   shape        ndim extents, each >= 0; may be NULL if ndim is 0
 *   strides      ndim strides in ELEMENTS, any sign, 0 allowed; NULL means compact row-major
 *   byte_offset  added to data
 * No alignment is assumed. Byte order is the machine's.
 */
typedef struct trimtab_tensor {
  void *data;
  trimtab_device device;
  int32_t ndim;
  trimtab_dtype dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} trimtab_tensor;

#ifdef __cplusplus
}
#endif
#endif
