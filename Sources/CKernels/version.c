#include "CKernels.h"
int mmk_version(void) { return 1; }
