#include <string.h>

#include "CPlatform.h"

static _Thread_local char error_text[1024];

void trimtab_platform_set_error(const char *text, int64_t length) {
  if (text == NULL || length < 0) length = 0;
  if (length > (int64_t)sizeof error_text - 1) length = (int64_t)sizeof error_text - 1;
  if (length > 0) memcpy(error_text, text, (size_t)length);
  error_text[length] = '\0';
}

const char *trimtab_platform_error(void) { return error_text; }
