#include "vector.h"
static void quantize_searched(uint32_t type, const float *src, uint8_t *dst, size_t count) { (void)type,(void)src,(void)dst,(void)count; }
