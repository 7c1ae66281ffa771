/* libffi for Swift, which cannot import its global types or cast a symbol to a function. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_CFFI_SHIM_H
#define TRIMTAB_CFFI_SHIM_H

#include <ffi.h>

/* 'v' void, 'p' pointer, 'd' and 'f' floating point of 64 and 32 bits, else the bits of an integer: negative where it is signed. */
static inline ffi_type *trimtab_ffi_type(int kind) {
  switch (kind) {
    case 'v': return &ffi_type_void;
    case 'p': return &ffi_type_pointer;
    case 'd': return &ffi_type_double;
    case 'f': return &ffi_type_float;
    case -8: return &ffi_type_sint8;
    case -16: return &ffi_type_sint16;
    case -32: return &ffi_type_sint32;
    case -64: return &ffi_type_sint64;
    case 8: return &ffi_type_uint8;
    case 16: return &ffi_type_uint16;
    case 32: return &ffi_type_uint32;
    default: return &ffi_type_uint64;
  }
}

static inline int trimtab_ffi_prepare(ffi_cif *interface, unsigned count, ffi_type *result, ffi_type **arguments) {
  return ffi_prep_cif(interface, FFI_DEFAULT_ABI, count, result, arguments) == FFI_OK;
}

static inline void trimtab_ffi_call(ffi_cif *interface, void *symbol, void *result, void **arguments) {
  ffi_call(interface, FFI_FN(symbol), result, arguments);
}

#endif
