#ifndef CFORMATS_H
#define CFORMATS_H
#include <stddef.h>
#endif
