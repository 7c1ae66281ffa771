/* zlib for Swift: its initialisers are macros, which Swift cannot import. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_CZLIB_SHIM_H
#define TRIMTAB_CZLIB_SHIM_H

#include <zlib.h>

static inline int trimtab_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }

static inline int trimtab_deflate_init(z_stream *stream, int window_bits) {
  return deflateInit2(stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

#endif
