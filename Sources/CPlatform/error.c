#include <string.h>

#include "CPlatform.h"

static _Thread_local char error_text[TRIMTAB_ERROR_CAPACITY];

/* Two texts, so that one can be written from the other. */
static _Thread_local unsigned char raised_text[2][TRIMTAB_ERROR_CAPACITY];
static _Thread_local int32_t raised_status;
static _Thread_local int32_t raised_index;

void trimtab_platform_set_error(const char *text, int64_t length) {
  if (text == NULL || length < 0) length = 0;
  if (length > (int64_t)sizeof error_text - 1) length = (int64_t)sizeof error_text - 1;
  if (length > 0) memcpy(error_text, text, (size_t)length);
  error_text[length] = '\0';
}

const char *trimtab_platform_error(void) { return error_text; }

unsigned char *trimtab_platform_raise(int32_t status) {
  raised_status = status;
  raised_index ^= 1;
  return raised_text[raised_index];
}

int32_t trimtab_platform_raised_status(void) { return raised_status; }

const unsigned char *trimtab_platform_raised_text(void) { return raised_text[raised_index]; }
